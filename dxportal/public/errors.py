"""Error pages in the look of the site and in plain words, rendered without the database."""

from __future__ import annotations

import sys
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from dxportal.outages import Outage, find_outage
from dxportal.security import RefusedResponse

RETRY_AFTER_SECONDS = 10  # seconds


def error_page(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    """Render the page of a status, without context processors, which may need what has just failed."""
    context["is_staff_page"] = request.path.startswith("/admin/")
    return HttpResponse(render_to_string(f"{status}.html", context), status=status)


def unavailable(request: HttpRequest, outage: Outage, **context: Any) -> HttpResponse:
    response = error_page(request, 503, outage=outage, **context)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400, or 503 in an outage: Django also calls this handler if a session could not be saved."""
    outage = find_outage(exception)
    return unavailable(request, outage) if outage else error_page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    reason = str(exception)
    return RefusedResponse(error_page(request, 403, reason=reason).content, reason, status=403)


def fault(request: HttpRequest) -> HttpResponse:
    """Answer 503 if the database caused the exception, which is temporary, or else 500."""
    outage = find_outage(sys.exc_info()[1])
    return unavailable(request, outage) if outage else error_page(request, 500)
