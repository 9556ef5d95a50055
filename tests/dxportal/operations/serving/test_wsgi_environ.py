"""Conversion of an ASGI scope to a WSGI environ."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest

from dxportal.concurrency_limits import client_address
from dxportal.operations.serving.wsgi_environ import build_environ

pytestmark = pytest.mark.on_no_database


def scope(raw_path: bytes, *headers: tuple[bytes, bytes], query: bytes = b"") -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "http_version": "1.1",
        "scheme": "http",
        "raw_path": raw_path,
        "path": "",
        "query_string": query,
        "server": ("127.0.0.1", 8000),
        "client": ("192.0.2.7", "50000"),
        "headers": [(b"host", b"portal.example"), *headers],
    }


@pytest.mark.parametrize(
    ("raw_path", "path"),
    [
        (b"/plan/", "/plan/"),
        (b"/%E3%81%82/", "/あ/"),
        (b"/%61dmin/", "/admin/"),
        (b"/a%2Fb", "/a/b"),
        (b"/%00%ff", "/\0�"),
    ],
)
def test_the_path_is_what_django_makes_of_its_bytes(raw_path: bytes, path: str) -> None:
    request = WSGIRequest(build_environ(scope(raw_path, query=b"q=%E3%81%82&q=%ff")))
    assert request.path_info == path or request.path_info == path.replace("�", "%FF")
    assert request.GET.getlist("q") == ["あ", "�"]


def test_headers_that_stand_twice_are_joined_and_those_with_underscores_are_dropped() -> None:
    environ = build_environ(
        scope(
            b"/",
            (b"cookie", b"a=1"),
            (b"cookie", b"b=2"),
            (b"accept-encoding", b"br"),
            (b"accept-encoding", b"gzip"),
            (b"x_forwarded_for", b"10.0.0.1"),
            (b"x_forwarded_proto", b"https"),
            (b"content-type", b"text/plain"),
        )
    )
    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert environ["HTTP_ACCEPT_ENCODING"] == "br,gzip"
    assert environ["CONTENT_TYPE"] == "text/plain"
    assert not {"HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_CONTENT_TYPE"} & environ.keys()


@pytest.mark.parametrize(("is_behind", "address"), [(False, "192.0.2.7"), (True, "203.0.113.5")])
def test_only_behind_a_proxy_its_last_word_is_the_address(settings: Any, is_behind: bool, address: str) -> None:
    settings.BEHIND_HTTPS = is_behind
    environ = build_environ(scope(b"/", (b"x-forwarded-for", b"10.0.0.1, 203.0.113.5")))
    assert client_address(environ) == address
