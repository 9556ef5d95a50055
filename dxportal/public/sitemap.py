"""Sitemap and robots.txt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.http import HttpRequest, HttpResponse

from budgets.years import read_years
from catalog.models import Area, Department, Domain, Goal, Pillar, SourceDocument
from projects.models import Project, SakigakeProject

FIXED_ADDRESSES = (
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
        years = read_years()
        tables = [
            *(f"/budgets/?year={year}" for year in years.budgets.years),
            *(f"/listings/?year={year}" for year in years.listings.years),
        ]
        return [*FIXED_ADDRESSES, *tables, *(row.get_absolute_url() for queryset in rows for row in queryset), *pages]

    def location(self, item: str) -> str:
        return item

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme


def robots(request: HttpRequest) -> HttpResponse:
    text = f"User-agent: *\nDisallow: /admin/\nSitemap: {settings.SITE_URL}/sitemap.xml\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
