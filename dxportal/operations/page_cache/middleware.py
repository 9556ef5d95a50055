"""WSGI middleware that answers public pages from memory and hands everything else to Django."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from django.conf import settings
from django.http.cookie import parse_cookie

from dxportal.operations.page_cache.cache_keys import METHODS, NOT_FOUND, CacheKey, Environ, has_session, key_for
from dxportal.operations.page_cache.cached_pages import Body, CachedPage, Headers, StartResponse, WsgiApplication
from dxportal.operations.page_cache.prebuilt_files import PrebuiltFiles
from dxportal.operations.page_cache.revision_poller import RevisionPoller
from dxportal.operations.page_cache.store import PageStore

MAX_KNOWN_KEYS = 4000  # memoised requests; the memo is cleared when it is full
MAX_KNOWN_LENGTH = 1000  # characters of a memoised request
NOT_FOUND_PATH = "/404/"


class PageCacheMiddleware:
    """WSGI application around Django's. With `megabytes=0` nothing is cached; `files` are the prebuilt ones."""

    def __init__(self, application: WsgiApplication, megabytes: int, files: PrebuiltFiles | None = None) -> None:
        self.application = application
        self.store = PageStore(megabytes * 1024 * 1024)
        self.files = files
        self.poller = RevisionPoller(self.set_revision)
        self.known_keys: dict[tuple[Any, ...], tuple[CacheKey, str] | None] = {}
        self.proxy_header = (settings.SECURE_PROXY_SSL_HEADER or ("HTTP_X_FORWARDED_PROTO",))[0]

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        answer = self.respond_from_cache(environ, start_response)
        if answer is None and (found := self.find_key(environ)) and not found[0].is_file:
            key, encoding = found
            page = self.get_or_render(key, environ)
            answer = None if page is None else page.send(environ, encoding, start_response)
        return self.application(environ, start_response) if answer is None else answer

    def respond_from_cache(self, environ: Environ, start_response: StartResponse) -> Body | None:
        """Answer from memory or with a prebuilt file, without blocking; None on a miss."""
        found = self.find_key(environ)
        if found is None:
            return None
        key, encoding = found
        if key.is_file:
            return self.send_file(key.path, environ, encoding, start_response)
        page = self.store.get(key)
        return None if page is None else page.send(environ, encoding, start_response)

    def set_revision(self, mark: str) -> None:
        self.store.set_revision(mark)
        if self.files:
            self.files.set_revision(mark)

    def find_key(self, environ: Environ) -> tuple[CacheKey, str] | None:
        """Return cache key and encoding of a request without a session: `key_for`, memoised by all it depends on."""
        cookies = environ.get("HTTP_COOKIE")
        is_of_staff = cookies and has_session(parse_cookie(cookies))
        if is_of_staff or environ["REQUEST_METHOD"] not in METHODS or not self.store.limit:
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
            return self.known_keys[written]
        except KeyError:
            wanted = key_for(environ)
        if sum(len(text) for text in written if text) <= MAX_KNOWN_LENGTH:
            if len(self.known_keys) >= MAX_KNOWN_KEYS:
                self.known_keys.clear()
            self.known_keys[written] = wanted
        return wanted

    def send_file(self, path: str, environ: Environ, encoding: str, start_response: StartResponse) -> Body | None:
        """Send a prebuilt file; None while there is none, when Django writes it for each reader."""
        self.poller.start()
        return self.files.send(path, environ, encoding, start_response) if self.files else None

    def get_or_render(self, key: CacheKey, environ: Environ) -> CachedPage | None:
        self.poller.start()
        return self.store.get_or_render(key, lambda: self.render(key, environ))

    def render(self, key: CacheKey, environ: Environ) -> CachedPage:
        """Render the page with a GET that holds nothing of the request but the key, host and scheme."""
        said: list[Any] = []
        response = self.application(self.anonymous_request(key, environ), lambda *what: said.extend(what))
        try:
            body = b"".join(response)
        finally:
            if close := getattr(response, "close", None):
                close()
        status, headers, *_ = said
        return CachedPage.of(status, headers, body, keep=is_cacheable(key, status, headers))

    def anonymous_request(self, key: CacheKey, environ: Environ) -> Environ:
        passed_on = {"HTTP_HOST", self.proxy_header}
        dropped = {"CONTENT_LENGTH", "CONTENT_TYPE"}
        return {
            name: value
            for name, value in environ.items()
            if name in passed_on or not (name.startswith("HTTP_") or name in dropped)
        } | {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": (key.path or NOT_FOUND_PATH).encode().decode("latin-1"),
            "QUERY_STRING": key.query,
            "wsgi.input": BytesIO(),
        }


def is_cacheable(key: CacheKey, status: str, headers: Headers) -> bool:
    """Tell whether a response is the same for everybody: declared public by Django, or a 404 under its shared key."""
    values = dict(headers)
    if "Set-Cookie" in values:
        return False
    if key == NOT_FOUND:
        return status.startswith("404")
    return status.startswith("200") and values.get("Cache-Control", "").startswith("public")
