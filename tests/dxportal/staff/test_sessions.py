"""A session that has ended is remembered for a day, and serves for nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dxportal.staff.models import Role
from dxportal.staff.sessions import has_recent_session
from tests.dxportal.staff.staff_actions import create_user, sign_in_as

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
WORKING_DAY = timedelta(seconds=settings.SESSION_COOKIE_AGE)


@pytest.fixture
def client() -> Client:
    return sign_in_as(create_user("bureau", Role.BUREAU))


def pass_time(by: timedelta) -> None:
    """As if every session had been begun so much earlier."""
    Session.objects.update(expire_date=F("expire_date") - by)


def cookies_of(client: Client) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def test_an_ended_session_shows_nothing_and_its_cookie_is_kept(client: Client) -> None:
    assert client.get("/admin/").status_code == 200
    pass_time(WORKING_DAY + HOUR)
    response = client.get("/admin/changes/")
    assert response.headers["Location"] == "/admin/login/?next=/admin/changes/"
    assert settings.SESSION_COOKIE_NAME not in response.cookies
    assert client.get("/admin/login/").status_code == 200
    assert Session.objects.count() == 1


def test_what_an_ended_session_held_is_not_read(client: Client) -> None:
    session = client.session
    session["change_set"] = 7
    session.save()
    pass_time(WORKING_DAY + HOUR)
    ended = client.session
    assert dict(ended.items()) == {}
    assert ended.session_key is None


def test_the_row_is_deleted_a_day_after_the_end(client: Client) -> None:
    pass_time(WORKING_DAY + 23 * HOUR)
    call_command("clearsessions")
    assert Session.objects.count() == 1
    pass_time(2 * HOUR)
    call_command("clearsessions")
    assert not Session.objects.exists()


def test_a_cookie_of_longer_ago_is_deleted(client: Client) -> None:
    pass_time(WORKING_DAY + 25 * HOUR)
    assert client.get("/admin/").cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 0


def test_signing_in_again_takes_the_place_of_the_ended_session(client: Client) -> None:
    pass_time(WORKING_DAY + HOUR)
    ended = Session.objects.get().session_key
    client.get("/admin/")
    client.force_login(User.objects.get())
    assert Session.objects.get().session_key != ended


@pytest.mark.parametrize("is_ended", [False, True])
def test_signing_out_deletes_the_row_at_once(client: Client, is_ended: bool) -> None:
    if is_ended:
        pass_time(WORKING_DAY + HOUR)
    response = client.post("/admin/logout/")
    assert response.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 0
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("hours", "expected"), [(0, True), (11, True), (13, True), (35, True), (37, False), (1000, False)]
)
def test_a_cookie_alone_tells_whether_there_was_a_session(client: Client, hours: int, expected: bool) -> None:
    pass_time(hours * HOUR)
    cookies = cookies_of(client)
    with CaptureQueriesContext(connection) as queries:
        assert has_recent_session(cookies) is expected
        assert has_recent_session(f"a=b; {cookies}; csrftoken=x") is expected
    assert len(queries) == 2


@pytest.mark.parametrize(
    "cookies",
    [
        "",
        "sessionid",
        "sessionid=",
        "sessionid=x",
        f"csrftoken=sessionid={'a' * 32}",
        f"sessionid={'A' * 32}",
        'sessionid="aaaaaaaa\\000"',
        f"sessionid={'a' * 100_000}",
    ],
)
def test_other_cookies_are_asked_of_no_database(cookies: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert not has_recent_session(cookies)
    assert not queries.captured_queries


def test_a_session_of_nobody_is_none(client: Client) -> None:
    assert not has_recent_session(f"sessionid={'a' * 32}")
    visitor = Client()
    session = visitor.session
    session["anything"] = 1
    session.save()
    assert not has_recent_session(f"sessionid={session.session_key}")


def test_a_cookie_with_a_null_character_is_a_visitor_like_any_other() -> None:
    response = Client().get("/admin/", HTTP_COOKIE='sessionid="aaaaaaaa\\000aaaaaaaa"')
    assert response.status_code == 302
