"""Liveness and readiness probes."""

from __future__ import annotations

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse

from catalog.models import Plan
from dxportal.outages import Outage, find_outage, find_write_outage
from dxportal.schema_version import newer_migrations

# Probes read the first line, people the second.
HEALTH_ANSWER = f"ok\nversion {settings.VERSION}\n"


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer the liveness probe with the version, without the database."""
    return HttpResponse(HEALTH_ANSWER, content_type="text/plain; charset=utf-8")


OUTAGE_REASONS = {
    Outage.GONE: "the database does not answer",
    Outage.BUSY: "the database is busy",
    Outage.READ_ONLY: "the database is read-only",
    Outage.FULL: "the disk is full",
}


def readyz(request: HttpRequest) -> HttpResponse:
    """Answer the readiness probe: 200 if the database answers, is writable, not of a newer version, and has a plan."""
    try:
        connection.ensure_connection()
        if newer_migrations(connection):
            ready, reason = False, "the database is of a newer version"
        elif outage := find_write_outage():
            ready, reason = False, OUTAGE_REASONS[outage]
        else:
            ready = Plan.objects.filter(is_current=True).exists()
            reason = "ok" if ready else "no plan is loaded"
    except Error as error:
        ready, reason = False, OUTAGE_REASONS[find_outage(error) or Outage.GONE]
    return HttpResponse(f"{reason}\n", status=200 if ready else 503, content_type="text/plain; charset=utf-8")
