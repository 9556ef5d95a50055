"""The pages of what went wrong: in the look of the site, without the database; refusals log one line."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory

from dxportal.outages import Outage
from dxportal.public.errors import bad_request, error_page, fault, permission_denied, unavailable
from dxportal.staff.models import Role
from tests.dxportal.staff.staff_actions import create_user, sign_in_as

PLAIN = {400: "使えない文字や誤り", 403: "役割がありません", 500: "このサイトの不具合"}


@pytest.mark.on_no_database
@pytest.mark.parametrize("path", ["/", "/admin/"])
def test_they_look_like_the_site_and_need_no_database(rf: RequestFactory, path: str) -> None:
    request = rf.get(path)
    pages = [error_page(request, status) for status in PLAIN] + [unavailable(request, outage) for outage in Outage]
    pages += [bad_request(request, ValueError()), permission_denied(request, PermissionError("")), fault(request)]
    for response in pages:
        html = response.content.decode()
        assert "css/base." in html
        assert "css/layout." in html
        assert 'class="skip"' in html
        assert PLAIN.get(response.status_code, "ただいま") in html
        assert ('href="/admin/"' in html) == (path == "/admin/")
        assert ("Retry-After" in response.headers) == (response.status_code == 503)


@pytest.mark.django_db
def test_a_refusal_says_why_and_logs_one_line(caplog: pytest.LogCaptureFixture) -> None:
    user = create_user("viewer", Role.VIEWER, "kyoiku")
    with caplog.at_level(logging.WARNING):
        response = sign_in_as(user).post("/admin/sheets/")
    assert response.status_code == 403
    assert "シートを送る役割がありません。" in response.content.decode()
    lines = [(record.name, record.getMessage(), record.exc_info) for record in caplog.records]
    reason = "シートを送る役割がありません。部局編集者の役割を管理者に頼んでください。"
    assert lines == [("dxportal.refusals", f"403 user {user.pk} POST /admin/sheets/: {reason}", None)]


@pytest.mark.django_db
def test_a_form_without_its_token_is_told_what_to_do() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("administrator"))
    response = client.post("/search/", {"q": "a"})
    assert response.status_code == 403
    assert "送信を受け付けられませんでした" in response.content.decode()


@pytest.mark.django_db
def test_strangers_fill_no_log(client: Client, caplog: pytest.LogCaptureFixture, settings: Any) -> None:
    with caplog.at_level(logging.WARNING, logger="dxportal.refusals"):
        client.get("/admin/sheets/")
        Client(enforce_csrf_checks=True).post("/admin/login/", {})
    assert [record for record in caplog.records if record.name == "dxportal.refusals"] == []
