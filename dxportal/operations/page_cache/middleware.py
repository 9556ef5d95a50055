"""Between the server and Django: public pages are answered here from memory, everything else as before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from django.conf import settings
from django.http.cookie import parse_cookie

from dxportal.operations.page_cache.cache_keys import METHODS, NOT_FOUND, Environ, Key, asked, has_session
from dxportal.operations.page_cache.cached_pages import Body, Headers, Page, StartResponse
from dxportal.operations.page_cache.prebuilt_files import Files
from dxportal.operations.page_cache.revision_poller import Watch
from dxportal.operations.page_cache.store import Shelf

Application = Callable[[Environ, StartResponse], Iterable[bytes]]

REMEMBERED = 4000  # ways in which requests are written; when there are more they are read anew
LONGEST = 1000  # characters of one
NOWHERE = "/404/"


class KeptPages:
    """A WSGI application around Django's; without memory all passes through. `files`: those that are finished."""

    def __init__(self, application: Application, megabytes: int, files: Files | None = None) -> None:
        self.application = application
        self.shelf = Shelf(megabytes * 1024 * 1024)
        self.files = files
        self.watch = Watch(self.turn_to)
        self.read: dict[tuple[Any, ...], tuple[Key, str] | None] = {}
        self.proxy_header = (settings.SECURE_PROXY_SSL_HEADER or ("HTTP_X_FORWARDED_PROTO",))[0]

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        answer = self.finished(environ, start_response)
        if answer is None and (wanted := self.wanted(environ)) and not wanted[0].is_file:
            key, encoding = wanted
            page = self.made(key, environ)
            answer = None if page is None else page.send(environ, encoding, start_response)
        return self.application(environ, start_response) if answer is None else answer

    def finished(self, environ: Environ, start_response: StartResponse) -> Body | None:
        """Answer from memory or with a finished file, without waiting; None where neither is there."""
        wanted = self.wanted(environ)
        if wanted is None:
            return None
        key, encoding = wanted
        if key.is_file:
            return self.file(key.path, environ, encoding, start_response)
        page = self.shelf.get(key)
        return None if page is None else page.send(environ, encoding, start_response)

    def turn_to(self, mark: str) -> None:
        self.shelf.turn_to(mark)
        if self.files:
            self.files.turn_to(mark)

    def wanted(self, environ: Environ) -> tuple[Key, str] | None:
        """The page that somebody without a session asks for; `asked`, remembered by all that it depends on."""
        cookies = environ.get("HTTP_COOKIE")
        is_of_staff = cookies and has_session(parse_cookie(cookies))
        if is_of_staff or environ["REQUEST_METHOD"] not in METHODS or not self.shelf.limit:
            return None
        written = (
            environ["PATH_INFO"],
            environ.get("QUERY_STRING"),
            environ.get("HTTP_HOST"),
            environ.get("HTTP_ACCEPT_ENCODING"),
            environ.get(self.proxy_header),
            environ["wsgi.url_scheme"],
        )
        try:
            return self.read[written]
        except KeyError:
            wanted = asked(environ)
        if sum(len(text) for text in written if text) <= LONGEST:
            if len(self.read) >= REMEMBERED:
                self.read.clear()
            self.read[written] = wanted
        return wanted

    def file(self, path: str, environ: Environ, encoding: str, start_response: StartResponse) -> Body | None:
        """Until it is finished, or when it is gone, Django writes it for each reader."""
        self.watch.begin()
        return self.files.send(path, environ, encoding, start_response) if self.files else None

    def made(self, key: Key, environ: Environ) -> Page | None:
        self.watch.begin()
        return self.shelf.get_or_make(key, lambda: self.rendered(key, environ))

    def rendered(self, key: Key, environ: Environ) -> Page:
        """What Django answers to a plain GET of the key; nothing else of the request reaches it."""
        said: list[Any] = []
        response = self.application(self.plain(key, environ), lambda *what: said.extend(what))
        try:
            body = b"".join(response)
        finally:
            if close := getattr(response, "close", None):
                close()
        status, headers, *_ = said
        return Page.of(status, headers, body, keep=may_be_kept(key, status, headers))

    def plain(self, key: Key, environ: Environ) -> Environ:
        passed_on = {"HTTP_HOST", self.proxy_header}
        dropped = {"CONTENT_LENGTH", "CONTENT_TYPE"}
        return {
            name: value
            for name, value in environ.items()
            if name in passed_on or not (name.startswith("HTTP_") or name in dropped)
        } | {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": (key.path or NOWHERE).encode().decode("latin-1"),
            "QUERY_STRING": key.query,
            "wsgi.input": BytesIO(),
        }


def may_be_kept(key: Key, status: str, headers: Headers) -> bool:
    """Whether the answer is what everybody gets: Django has declared it public, or the page of all that is nowhere."""
    values = dict(headers)
    if "Set-Cookie" in values:
        return False
    if key == NOT_FOUND:
        return status.startswith("404")
    return status.startswith("200") and values.get("Cache-Control", "").startswith("public")
