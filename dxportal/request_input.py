"""Sanitising of requests before a view reads them: NUL characters, charsets, impossible paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import BadRequest
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponseBase

MAX_PATH_LENGTH = 1000  # characters
NUL = "\0"
MULTIPART_BOUNDARY = re.compile(r';\s*(boundary=("[^"]*"|[^";]*))', re.IGNORECASE)
RequestEnviron = dict[str, Any]


class Utf8Application:
    """WSGI wrapper that makes Django decode every request as UTF-8, whatever charset its Content-Type names.

    A codec chosen by the client can decode plain letters to NUL or surrogates, and some codecs raise errors while
    Django builds the request. Of the header's parameters only the multipart boundary is kept.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application

    def __call__(self, environ: RequestEnviron, start_response: Callable[..., Any]) -> Iterable[bytes]:
        media_type, separator, parameters = environ.get("CONTENT_TYPE", "").partition(";")
        if separator:
            boundary = MULTIPART_BOUNDARY.search(separator + parameters)
            environ["CONTENT_TYPE"] = f"{media_type}; {boundary[1]}" if boundary else media_type
        return self.application(environ, start_response)


class AddressMiddleware:
    """Middleware that answers 404 to impossible paths and removes NUL from query strings and cookies.

    Every URL path of the site is short printable ASCII. In a query string NUL becomes U+FFFD, as an invalid UTF-8 byte
    does, because HTML cannot represent it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if len(path) > MAX_PATH_LENGTH or not (path.isascii() and path.isprintable()) or "%" in path:
            raise Http404  # Django leaves an invalid UTF-8 byte percent-encoded
        query = request.META.get("QUERY_STRING", "")
        if "%00" in query:
            request.META["QUERY_STRING"] = query.replace("%00", "%EF%BF%BD")
        for name in [name for name, value in request.COOKIES.items() if NUL in name + value]:
            del request.COOKIES[name]
        return self.get_response(request)


class NulInFormsMiddleware:
    """Middleware that refuses NUL in values for the database on both engines; PostgreSQL cannot store it.

    It inspects the parameters of SQL statements, not form fields, so that a form can reject a field with its own
    message. It calls the view itself and must therefore be the last middleware, after the CSRF check.
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
    """Execute a statement; raise BadRequest if one of its parameters contains NUL. Wrapper for `execute_wrapper`."""
    rows = parameters if many else [parameters or ()]
    if any(isinstance(value, str) and NUL in value for row in rows for value in row):
        raise BadRequest("NUL in a value for the database")
    return execute(sql, parameters, many, context)
