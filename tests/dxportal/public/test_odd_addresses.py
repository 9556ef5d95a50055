"""Unknown addresses, odd query strings and faults are answered with a page of the site."""

from __future__ import annotations

import logging

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "/goals/9-9-9/",
        "/goals/1-2-1",
        "/areas/5/",
        "/domains/x/",
        "/pillars/4/",
        "/projects/no-such-project/",
        "/departments/no-such-department/",
        "/sakigake/11/",
        f"/sakigake/{10**30}/",
        "/no-such-page/",
    ],
)
def test_an_unknown_code_is_a_page_that_helps(client: Client, path: str) -> None:
    response = client.get(path, follow=path == "/goals/1-2-1")
    if path == "/goals/1-2-1":
        assert response.redirect_chain == [("/goals/1-2-1/", 301)]
    else:
        assert response.status_code == 404
        assert "ページが見つかりません" in response.content.decode()


@pytest.mark.parametrize("query", ["year=abc", "year=2022", "year=%00", "year=" + "9" * 5000, "year=%ff", "page=x"])
@pytest.mark.parametrize(
    "path", ["/", "/goals/1-1-1/", "/projects/", "/departments/kyoiku/", "/sakigake/1/", "/budgets/check/"]
)
def test_odd_query_strings_show_the_page(client: Client, path: str, query: str) -> None:
    assert client.get(f"{path}?{query}").status_code == 200


def test_an_unknown_year_is_told(client: Client) -> None:
    html = client.get("/goals/1-1-1/?year=1999").content.decode()
    assert "「1999」という年度はありません。" in html
    assert "令和３年度（2021年度）を表示しています。" in html


def test_a_fault_is_answered_with_a_page_without_details(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("dxportal.public.plan.sakigake_money", fail)
    client.raise_request_exception = False
    with caplog.at_level(logging.CRITICAL):
        response = client.get("/")
    assert response.status_code == 500
    assert "ページを表示できません" in response.content.decode()
    assert b"secret detail" not in response.content
