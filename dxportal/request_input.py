"""Input that no page can hold, decided before a view reads it: NUL, other charsets, paths that name nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import BadRequest
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponseBase

MAX_PATH_LENGTH = 1000  # characters
NUL = "\0"
BOUNDARY = re.compile(r';\s*(boundary=("[^"]*"|[^";]*))', re.IGNORECASE)
Environ = dict[str, Any]


class Utf8Application:
    """WSGI application that reads every request as UTF-8, whatever charset its Content-Type names.

    A codec of the client's choice can make NUL and surrogates out of plain letters, and some end in an error of their
    own while Django puts the request together. Of the header's parameters multipart's boundary alone is needed.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        media_type, separator, parameters = environ.get("CONTENT_TYPE", "").partition(";")
        if separator:
            boundary = BOUNDARY.search(separator + parameters)
            environ["CONTENT_TYPE"] = f"{media_type}; {boundary[1]}" if boundary else media_type
        return self.application(environ, start_response)


class AddressMiddleware:
    """Answer 404 to paths that can name no page, and take NUL out of query strings and cookies.

    Every address of the site is short printable ASCII. In a query string NUL becomes U+FFFD, as every byte does that is
    no UTF-8: HTML cannot name it to the reader.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if len(path) > MAX_PATH_LENGTH or not (path.isascii() and path.isprintable()) or "%" in path:
            raise Http404  # Django leaves a byte that is no UTF-8 as it was written, with its %
        query = request.META.get("QUERY_STRING", "")
        if "%00" in query:
            request.META["QUERY_STRING"] = query.replace("%00", "%EF%BF%BD")
        for name in [name for name, value in request.COOKIES.items() if NUL in name + value]:
            del request.COOKIES[name]
        return self.get_response(request)


class NulInFormsMiddleware:
    """Refuse NUL where it would reach the database, with SQLite as with PostgreSQL, which alone cannot store it.

    A form may refuse a field that holds it in words of its own: the statements of the view are watched, not the fields.
    It calls the view itself, and so stands last: behind the check of the CSRF token.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if request.method != "POST" or not contains_nul(request):
            return None
        with connection.execute_wrapper(refuse_nul):
            return view(request, *args, **kwargs)


def contains_nul(request: HttpRequest) -> bool:
    names = (file.name or "" for _, files in request.FILES.lists() for file in files)
    fields = (text for name, values in request.POST.lists() for text in (name, *values))
    return any(NUL in str(text) for text in (*names, *fields))


def refuse_nul(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
    """Execute a statement unless one of its parameters holds NUL."""
    rows = parameters if many else [parameters or ()]
    if any(isinstance(value, str) and NUL in value for row in rows for value in row):
        raise BadRequest("NUL in a value for the database")
    return execute(sql, parameters, many, context)
