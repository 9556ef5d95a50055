"""Requests as a server hands them to a WSGI application, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from threading import Lock
from typing import Any
from urllib.parse import unquote_to_bytes

from django.core.handlers.wsgi import WSGIHandler

from dxportal.operations.page_cache.cached_pages import Headers
from dxportal.operations.page_cache.middleware import WsgiApplication


@dataclass(frozen=True)
class Got:
    status: int
    pairs: Headers
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        found = dict(self.pairs)
        assert len(found) == len(self.pairs), "a header stands twice"
        return found


def environ_of(address: str, method: str = "GET", **headers: str) -> dict[str, Any]:
    """An address is a path as it is typed, with its query; headers are named as in WSGI, without HTTP_."""
    path, _, query = address.partition("?")
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "testserver",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    } | {f"HTTP_{name}": value for name, value in headers.items()}


def ask(application: WsgiApplication, address: str, method: str = "GET", **headers: str) -> Got:
    said: list[Any] = []
    response = application(environ_of(address, method, **headers), lambda *what: said.extend(what))
    body = b"".join(response)
    if close := getattr(response, "close", None):
        close()
    return Got(int(said[0].split()[0]), list(said[1]), body)


class Django:
    """Django's own application, which remembers what it was asked."""

    def __init__(self) -> None:
        self.handler = WSGIHandler()
        self.asked: list[dict[str, Any]] = []
        self.lock = Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        with self.lock:
            self.asked.append(dict(environ))
        return self.handler(environ, start_response)

    @property
    def addresses(self) -> Iterator[str]:
        return (f"{one['PATH_INFO']}?{one['QUERY_STRING']}".rstrip("?") for one in self.asked)
