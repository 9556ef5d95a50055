from __future__ import annotations

import logging
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from dxportal.planfiles.loading import delete_catalogue
from tests.derived import tables_follow

pytestmark = pytest.mark.django_db
VERSION = tomllib.loads(Path("pyproject.toml").read_text())["project"]["version"]


def test_health_does_not_ask_the_database(client: Client, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):
        assert client.get("/healthz").content.decode() == f"ok\nversion {VERSION}\n"


def test_readiness_needs_a_plan(client: Client) -> None:
    assert client.get("/readyz").status_code == 200
    delete_catalogue()
    tables_follow()
    assert client.get("/readyz").status_code == 503


def test_the_sitemap_stands_under_the_public_address(client: Client, settings: Any) -> None:
    settings.SITE_URL = "https://portal.example"
    response = client.get("/sitemap.xml")
    root = ElementTree.fromstring(response.content)  # noqa: S314  # our own page
    locations = [element.text for element in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert len(locations) == len(set(locations)) == 235
    assert "https://portal.example/goals/1-2-1/" in locations
    assert "https://portal.example/sources/5/27/" in locations
    assert all(str(location).startswith("https://portal.example/") for location in locations)


def test_robots_name_the_sitemap_and_leave_out_the_admin(client: Client) -> None:
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /admin/" in text
    assert "Sitemap: http://" in text


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
