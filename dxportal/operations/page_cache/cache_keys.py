"""Map a WSGI request to a cache key and an encoding, or to None if Django must answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve

Environ = dict[str, Any]
View = Callable[..., HttpResponseBase]

ENCODINGS = ("br", "gzip", "identity")  # the shortest first
MAX_KEY_LENGTH = 1000  # characters
LOWEST_QUALITY = 0.0001  # below any quality a client can give: identity is acceptable unless refused
METHODS = ("GET", "HEAD")


class CacheKey(NamedTuple):
    """Key of a cached page (path and normalised query string), or of a prebuilt file."""

    path: str
    query: str = ""
    is_file: bool = False


# Cache key shared by all 404s; a real path is never empty.
NOT_FOUND = CacheKey("")


@dataclass(frozen=True)
class CacheableView:
    """View whose response depends on nothing but the path and these query parameters, so that it may be cached."""

    view: View
    parameters: frozenset[str]

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.view(request, *args, **kwargs)


@dataclass(frozen=True)
class PrebuiltFileView:
    """View of a table file: without parameters it is prebuilt once per revision (prebuild.py)."""

    view: View

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.view(request, *args, **kwargs)


def has_session(cookies: Mapping[str, str]) -> bool:
    """Tell whether a session cookie is among the cookies."""
    return settings.SESSION_COOKIE_NAME in cookies


def key_for(environ: Environ) -> tuple[CacheKey, str] | None:
    """Map a WSGI request to a cache key and an encoding, or to None if Django must answer.

    Django itself parses host, scheme and query string, so that both agree on what a request means.
    """
    # A copy, because WSGIRequest writes into the environ; without CONTENT_TYPE, whose charset would decode the query.
    request = WSGIRequest({**environ, "CONTENT_TYPE": ""})
    try:
        request.get_host()
        if request.is_secure() != settings.SECURE_SSL_REDIRECT or environ.get("SCRIPT_NAME"):
            return None
        key = key_for_request(request)
    except SuspiciousOperation:
        return None
    return None if key is None else (key, preferred_encoding(environ.get("HTTP_ACCEPT_ENCODING", "")))


def key_for_request(request: HttpRequest) -> CacheKey | None:
    path = request.path_info
    view = view_at(path)
    if view is None:
        return NOT_FOUND if is_not_found(path) else None
    if isinstance(view, PrebuiltFileView):
        return None if request.GET else CacheKey(path, is_file=True)
    if not isinstance(view, CacheableView):
        return None
    given = sorted(request.GET.lists())
    asked = [(name, value) for name, values in given for value in values if name in view.parameters]
    if any(not value.strip() or "\0" in value for _, value in asked):
        return None  # a blank parameter means the same as none: the view redirects to the address without it
    key = CacheKey(path, urlencode(asked))
    return key if len(key.path) + len(key.query) <= MAX_KEY_LENGTH else None


def view_at(path: str) -> View | None:
    try:
        return resolve(path).func
    except Resolver404:
        return None


def is_not_found(path: str) -> bool:
    """Tell whether an unresolved path is a 404, also with the slash that Django would append."""
    is_nothing = path.endswith("/") or view_at(f"{path}/") is None
    return is_nothing and not path.startswith(settings.STATIC_URL)


def preferred_encoding(accepted: str) -> str:
    """Choose the encoding with the highest quality in Accept-Encoding, the smallest body among equals."""
    qualities: dict[str, float] = {}
    for item in accepted.lower().split(","):
        coding, *rest = (piece.strip() for piece in item.split(";"))
        qualities.setdefault(coding.removeprefix("x-"), parse_quality(rest))
    others = {"br": 0.0, "gzip": 0.0, "identity": LOWEST_QUALITY}
    liked = {one: qualities.get(one, qualities.get("*", others[one])) for one in ENCODINGS}
    return max(ENCODINGS, key=lambda one: liked[one]) if any(liked.values()) else "identity"


def parse_quality(parameters: list[str]) -> float:
    """Parse the quality (0 to 1) among the parameters of a coding; 0 if it is malformed."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                q = float(value)
            except ValueError:
                return 0.0
            return q if 0 <= q <= 1 else 0.0
    return 1.0
