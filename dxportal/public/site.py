"""Addresses for machines: liveness and readiness probes, sitemap, robots.txt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse

from budgets.totals import fiscal_years
from catalog.models import Area, Department, Domain, Goal, Pillar, Plan, SourceDocument
from dxportal.outages import Outage, find_outage, find_write_outage
from dxportal.schema_version import newer_migrations
from projects.models import Project, SakigakeProject

FIXED = (
    "/",
    "/plan/",
    "/pillars/",
    "/areas/",
    "/projects/",
    "/sakigake/",
    "/budgets/check/",
    "/departments/",
    "/promotion/",
    "/strategy/",
    "/sources/",
    "/search/",
    "/changes/",
)


class PublicSitemap(Sitemap):  # type: ignore[type-arg]  # not subscriptable at run time
    """Every public address, under SITE_URL."""

    def items(self) -> list[str]:
        rows: tuple[Iterable[Any], ...] = (
            Pillar.objects.current(),
            Area.objects.current(),
            Domain.objects.current(),
            Goal.objects.current(),
            Department.objects.all(),
            SakigakeProject.objects.current(),
            Project.objects.order_by("code"),
        )
        pages = [
            f"/sources/{document.number}/{page}/"
            for document in SourceDocument.objects.current()
            for page in document.pages
        ]
        tables = [f"/{table}/?year={year}" for table in ("budgets", "listings") for year in fiscal_years()]
        return [*FIXED, *tables, *(row.get_absolute_url() for queryset in rows for row in queryset), *pages]

    def location(self, item: str) -> str:
        return item

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme


def robots(request: HttpRequest) -> HttpResponse:
    text = f"User-agent: *\nDisallow: /admin/\nSitemap: {settings.SITE_URL}/sitemap.xml\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


# Probes read the first line, people the second.
HEALTH = f"ok\nversion {settings.VERSION}\n"


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer the liveness probe with the version, without the database."""
    return HttpResponse(HEALTH, content_type="text/plain; charset=utf-8")


REASONS = {
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
            ready, reason = False, REASONS[outage]
        else:
            ready = Plan.objects.filter(is_current=True).exists()
            reason = "ok" if ready else "no plan is loaded"
    except Error as error:
        ready, reason = False, REASONS[find_outage(error) or Outage.GONE]
    return HttpResponse(f"{reason}\n", status=200 if ready else 503, content_type="text/plain; charset=utf-8")
