"""Security headers that Django 5.2 does not send, and a log of refused requests.

`SECURE_CSP` has the name and shape of the setting in Django 6: the upgrade replaces `ContentSecurityPolicyMiddleware`
by Django's own and allows the admin's scripts with `csp_override`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]


class ContentSecurityPolicyMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.public, self.admin = format_policy(settings.SECURE_CSP), format_policy(settings.SECURE_CSP_ADMIN)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        policy = self.admin if request.path.startswith("/admin/") else self.public
        response.headers.setdefault("Content-Security-Policy", policy)
        return response


def format_policy(directives: dict[str, list[str]]) -> str:
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


class PermissionsPolicyMiddleware:
    """Middleware for a Permissions-Policy that denies all device sensors."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.policy = ", ".join(f"{feature}=()" for feature in settings.PERMISSIONS_DENIED)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", self.policy)
        return response


logger = logging.getLogger("dxportal.refusals")


class RefusedResponse(HttpResponse):
    """Response for a refused request, whose reason is also logged."""

    def __init__(self, content: str | bytes, refusal: str, status: int) -> None:
        super().__init__(content, status=status)
        self.refusal = refusal


class NoRefusals(logging.Filter):
    """Filter of Django's own log entries for 403: they hold a traceback; RefusalLogMiddleware writes one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != 403


class RefusalLogMiddleware:
    """Middleware that logs each 403 to a signed-in user in one line; anonymous requests would flood the log."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 403 and request.user.is_authenticated:
            refusal = response.refusal if isinstance(response, RefusedResponse) else ""
            reason = " ".join(refusal.split()) or response.reason_phrase
            logger.warning("403 user %s %s %s: %s", request.user.pk, request.method, request.path, reason)
        return response
