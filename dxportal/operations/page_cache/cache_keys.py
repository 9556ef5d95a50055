"""What a request asks for: which public page, and in which encoding; or nothing that may be answered from memory."""

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
LONGEST = 1000  # characters of a key
LEAST = 0.0001  # less than any weight that can be given: plain is liked unless it is refused
METHODS = ("GET", "HEAD")


class Key(NamedTuple):
    """A page: the path as Django reads it, and what is asked of the page in one way of writing it; or a whole file."""

    path: str
    query: str = ""
    is_file: bool = False


# What all addresses share that lead nowhere; no path is empty.
NOT_FOUND = Key("")


@dataclass(frozen=True)
class CacheableView:
    """A view that shows what is public, and nothing else of a request than its path and these parameters."""

    view: View
    parameters: frozenset[str]

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.view(request, *args, **kwargs)


@dataclass(frozen=True)
class PrebuiltFileView:
    """A view that answers without parameters with a file that is finished when a revision becomes public."""

    view: View

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.view(request, *args, **kwargs)


def has_session(cookies: Mapping[str, str]) -> bool:
    """Whether one of the cookies is that of a session."""
    return settings.SESSION_COOKIE_NAME in cookies


def asked(environ: Environ) -> tuple[Key, str] | None:
    """The page that is asked for and the encoding it is wanted in; None where Django has to answer.

    Host, scheme and query string are read by Django itself.
    """
    # It writes into what it is given, and would read the query in a charset that the client names for a body.
    request = WSGIRequest({**environ, "CONTENT_TYPE": ""})
    try:
        request.get_host()
        if request.is_secure() != settings.SECURE_SSL_REDIRECT or environ.get("SCRIPT_NAME"):
            return None
        key = key_of(request)
    except SuspiciousOperation:
        return None
    return None if key is None else (key, encoding_of(environ.get("HTTP_ACCEPT_ENCODING", "")))


def key_of(request: HttpRequest) -> Key | None:
    path = request.path_info
    view = view_at(path)
    if view is None:
        return NOT_FOUND if leads_nowhere(path) else None
    if isinstance(view, PrebuiltFileView):
        return None if request.GET else Key(path, is_file=True)
    if not isinstance(view, CacheableView):
        return None
    given = sorted(request.GET.lists())
    asked = [(name, value) for name, values in given for value in values if name in view.parameters]
    if any(not value.strip() or "\0" in value for _, value in asked):
        return None  # blank is the same as not given: pages lead to the address without it
    key = Key(path, urlencode(asked))
    return key if len(key.path) + len(key.query) <= LONGEST else None


def view_at(path: str) -> View | None:
    try:
        return resolve(path).func
    except Resolver404:
        return None


def leads_nowhere(path: str) -> bool:
    """Whether there is nothing at an address that has no view, nor with a slash at its end, where Django leads to."""
    is_nothing = path.endswith("/") or view_at(f"{path}/") is None
    return is_nothing and not path.startswith(settings.STATIC_URL)


def encoding_of(accepted: str) -> str:
    """The encoding that an Accept-Encoding likes best, of those the shortest; plain where it likes none."""
    qualities: dict[str, float] = {}
    for item in accepted.lower().split(","):
        coding, *rest = (piece.strip() for piece in item.split(";"))
        qualities.setdefault(coding.removeprefix("x-"), quality(rest))
    others = {"br": 0.0, "gzip": 0.0, "identity": LEAST}
    liked = {one: qualities.get(one, qualities.get("*", others[one])) for one in ENCODINGS}
    return max(ENCODINGS, key=lambda one: liked[one]) if any(liked.values()) else "identity"


def quality(parameters: list[str]) -> float:
    """The weight among the parameters of a coding, from 0 to 1; what is no weight is none."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                q = float(value)
            except ValueError:
                return 0.0
            return q if 0 <= q <= 1 else 0.0
    return 1.0
