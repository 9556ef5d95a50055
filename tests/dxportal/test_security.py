"""Every response has the security headers: pages, 404, errors, files, the admin."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from tests.sites import clean_environment

pytestmark = pytest.mark.django_db

EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


PUBLIC = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def check(response: HttpResponse, policy: str = PUBLIC) -> None:
    assert response.headers["Content-Security-Policy"] == policy
    for name, value in EXPECTED.items():
        assert response.headers[name] == value
    assert "camera=()" in response.headers["Permissions-Policy"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/goals/1-1-1/", 200), ("/no-such-page/", 404), ("/healthz", 200), ("/sitemap.xml", 200)],
)
def test_pages(client: Client, path: str, status: int) -> None:
    response = client.get(path)
    assert response.status_code == status
    check(response)


def test_the_admin(client: Client) -> None:
    policy = f"{PUBLIC}; script-src 'self'; connect-src 'self'"
    check(client.get("/admin/login/"), policy)
    client.force_login(User.objects.create_superuser("admin"))
    check(client.get("/admin/"), policy)


def test_a_fault(client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("dxportal.public.plan.sakigake_money", fail)
    client.raise_request_exception = False
    with caplog.at_level(logging.CRITICAL):
        response = client.get("/")
    assert response.status_code == 500
    check(response)


def test_under_https_the_browser_is_told_to_stay_there(client: Client, settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    response = client.get("/", secure=True)
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_no_source_is_allowed_from_elsewhere_or_inline() -> None:
    sources = {source for values in settings.SECURE_CSP_ADMIN.values() for source in values}
    assert sources == {"'none'", "'self'"}


@pytest.mark.parametrize(("value", "is_on"), [("", False), ("0", False), ("1", True)])
def test_other_hosts_below_the_name_are_bound_only_by_a_setting_of_its_own(value: str, is_on: bool) -> None:
    program = "from dxportal import settings as s; print(s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_PRELOAD)"
    values = {"SITE_URL": "https://portal.example", "HSTS_SUBDOMAINS": value, "SECRET_KEY": "x"}
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, env=clean_environment(**values), capture_output=True, text=True, check=True)
    assert said.stdout == f"{is_on} {is_on}\n"
