"""Query strings: what no page can hold is taken out before anybody reads it; how parameters are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse


class NullCharacterMiddleware:
    """NUL in a query string becomes U+FFFD, as every byte does that is no UTF-8: HTML cannot name it to the reader."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if "%00" in query:
            request.META["QUERY_STRING"] = query.replace("%00", "%EF%BF%BD")
        return self.get_response(request)


@lru_cache(maxsize=1000, typed=True)
def parameter(name: str, value: Any) -> str:
    """A parameter as it stands in an address; a page has the same ones in very many."""
    return urlencode({name: value})


def parameters(asked: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Those of these names that say something, in this order; of several values each."""
    said = [(name, asked[name]) for name in names if asked.get(name) not in (None, "", [])]
    return [parameter(name, one) for name, some in said for one in (some if isinstance(some, list) else [some])]
