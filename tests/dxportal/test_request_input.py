"""Invalid input is refused at every URL, on both engines alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import URLResolver, get_resolver
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Department
from dxportal.changesets.models import ChangeSet, State
from dxportal.operations.page_cache.cache_keys import key_for
from dxportal.request_input import Utf8Application, refuse_nul

ODD_VALUES = ("%00", "a%00b", "%1F", "%0A", "%FF%FE", "%ED%A0%80", "%E3%81%82", "%C2%85", "%E2%80%8B", "a" * 2000)


def routes(patterns: Iterable[Any], above: str = "") -> list[str]:
    """Return the routes of the site, without regular expressions, which are Django's own."""
    found: list[str] = []
    for pattern in patterns:
        route = above + str(pattern.pattern)
        found += routes(pattern.url_patterns, route) if isinstance(pattern, URLResolver) else [route]
    return [route for route in found if "(?P" not in route]


def urls_with(value: str) -> list[str]:
    """Return every URL with a path parameter, with this value in its place."""
    split = [route.split("<") for route in routes(get_resolver().url_patterns) if "<" in route]
    return ["/" + first + "".join(value + part.partition(">")[2] for part in rest) for first, *rest in split]


@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: value[:20])
def test_a_path_that_can_name_no_page_leads_nowhere(superuser_client: Client, value: str) -> None:
    assert len(urls_with(value)) > 100
    for address in dict.fromkeys((*urls_with(value), f"/{value}/", f"/goals/1-1-1/{value}", f"/static/{value}")):
        response = superuser_client.get(address)
        assert response.status_code == 404, address
        assert "ページが見つかりません" in response.content.decode()


def test_a_session_with_nul_is_no_session(client: Client) -> None:
    response = client.get("/admin/", headers={"cookie": r'sessionid="aaaaaaaa\000aaaaaaaaaaaaaaaaaaaaaaaa"'})
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/admin/login/")


FIELDS = (
    *("username", "password", "next", "email", "new_password1", "old_password", "title", "reason", "row", "field"),
    *("choice", "version", "base", "year", "q", "action", "_selected_action", "index"),
)
STEPS = ("propose", "enter", "leave", "rename", "resolve", "reject", "publish", "undo", "discard", "a\0b")


def test_nul_in_any_field_is_answered(superuser_client: Client) -> None:
    """Refuse NUL by the form or by the middleware, never with a server error."""
    author = User.objects.get()
    for route in routes(get_resolver().url_patterns):
        if route.startswith("admin/") and "<" not in route:
            assert superuser_client.post(f"/{route}", dict.fromkeys(FIELDS, "a\0b")).status_code < 500, route
    superuser_client.force_login(author)
    for step in STEPS:
        change_set = ChangeSet.objects.create(author=author, title="題", source="試験", state=State.OPEN)
        for more in ({"choice": "mine"}, {"choice": "theirs"}):
            sent = dict.fromkeys(FIELDS, "a\0b") | {"step": step, "version": change_set.version} | more
            assert superuser_client.post(change_set.get_absolute_url(), sent).status_code < 500, step


def test_the_token_of_a_form_is_checked_before_its_fields() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/admin/login/", {"username": "a\0b", "password": "x"}).status_code == 403
    assert settings.MIDDLEWARE[-1].endswith("NulInFormsMiddleware")


@pytest.mark.django_db
def test_no_statement_takes_nul_from_a_form() -> None:
    with connection.execute_wrapper(refuse_nul):
        assert Department.objects.filter(code="kyoiku").exists()
        with pytest.raises(BadRequest):
            Department.objects.filter(code="kyoiku\0").exists()
        with pytest.raises(BadRequest):
            Department.objects.bulk_create([Department(code="x", name="a\0b", position=99)])


PARAMETERS = (
    "charset=rot13",
    "charset*=utf-8''%00",
    "charset*=zz''a",
    "charset=idna",
    "charset=unicode_escape",
    "x*=q''",
)


@pytest.mark.on_no_database
@given(st.one_of(st.sampled_from(PARAMETERS), st.text(st.characters(max_codepoint=255, exclude_characters="\0\r\n"))))
def test_every_request_is_read_as_utf_8(parameters: str) -> None:
    seen: list[dict[str, Any]] = []
    header = f"multipart/form-data; boundary=abc;{parameters}"
    environ = RequestFactory(SERVER_NAME="127.0.0.1").get("/search/?q=%5Cud800&q=%5Cx00").environ
    Utf8Application(lambda environ, _: seen.append(environ) or [])({**environ, "CONTENT_TYPE": header}, print)
    assert seen[0]["CONTENT_TYPE"] == "multipart/form-data; boundary=abc"
    assert WSGIRequest(dict(seen[0])).GET.getlist("q") == [r"\ud800", r"\x00"]
    key = key_for(seen[0])
    assert key is not None
    assert key[0].query == "q=%5Cud800&q=%5Cx00"


@pytest.mark.on_no_database
def test_only_the_boundary_of_a_content_type_is_read() -> None:
    seen: list[str] = []
    application = Utf8Application(lambda environ, _: seen.append(environ.get("CONTENT_TYPE", "")) or [])
    for header in ("text/plain", "", 'multipart/form-data; charset=x; boundary="a;b"', "text/csv; charset=cp932"):
        application({"CONTENT_TYPE": header}, print)
    assert seen == ["text/plain", "", 'multipart/form-data; boundary="a;b"', "text/csv"]
