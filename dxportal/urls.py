"""URLs of the portal: ASCII, lower case, stable."""

from collections.abc import Callable
from functools import partial

from django.contrib import admin
from django.contrib.sitemaps.views import sitemap as sitemap_view
from django.http import HttpResponseBase
from django.urls import URLPattern, path, register_converter
from django.views.decorators.http import require_safe

from dxportal.exports.views import EXTENSIONS, make_download_view
from dxportal.operations.page_cache.cache_keys import CacheableView, PrebuiltFileView
from dxportal.public import (
    areas,
    budgets,
    changes,
    check,
    component_gallery,
    plan,
    probes,
    projects,
    promotion,
    sitemap,
    sources,
    strategy,
    tables,
)
from dxportal.public.search import search_json, search_page
from dxportal.staff import signing_in
from dxportal.tables.registry import BUDGETS, COMPARISON, LISTINGS, MEMBERSHIPS, PARTS, PROJECTS, SAKIGAKE
from dxportal.tables.table import Table
from dxportal.tables.table_filters import FILTERS


class NumberConverter:
    """Path converter for a number from 1 without leading zeros, so that each page has one URL."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(NumberConverter, "number")


def cached_page(route: str, view: Callable[..., HttpResponseBase], *parameters: str) -> URLPattern:
    """Route a cached public page, whose response depends on nothing but its path and these query parameters."""
    return path(route, CacheableView(require_safe(view), frozenset(parameters)))


def cached_table(route: str, view: Callable[..., HttpResponseBase], table: Table) -> URLPattern:
    """Route the cached page of a table, whose query parameters are its filters."""
    return cached_page(route, view, *FILTERS[table].base_filters, "page")


def prebuilt_file(route: str, view: Callable[..., HttpResponseBase]) -> URLPattern:
    """Route a table file: prebuilt per revision for all rows, rendered per request for a selection."""
    return path(route, PrebuiltFileView(require_safe(view)))


def uncached(route: str, view: Callable[..., HttpResponseBase]) -> URLPattern:
    """Route a read-only view whose response is not cached."""
    return path(route, require_safe(view))


PREBUILT_TABLES = (BUDGETS, SAKIGAKE, LISTINGS, PROJECTS, PARTS, MEMBERSHIPS)

handler400 = "dxportal.public.errors.bad_request"
handler403 = "dxportal.public.errors.permission_denied"
handler500 = "dxportal.public.errors.fault"

urlpatterns = [
    cached_page("", plan.home, "year"),
    cached_page("plan/", plan.plan),
    cached_page("pillars/", plan.pillar_list),
    cached_page("pillars/<slug:code>/", plan.pillar_detail),
    cached_page("areas/", areas.area_list),
    cached_page("areas/<slug:code>/", areas.area_detail),
    cached_page("domains/<slug:code>/", areas.domain_detail),
    cached_page("goals/<slug:code>/", areas.goal_detail, "year"),
    cached_table("projects/", tables.projects_table, PROJECTS),
    cached_page("projects/<slug:code>/", projects.project_detail),
    cached_table("sakigake/", projects.sakigake_list, SAKIGAKE),
    cached_page("sakigake/<number:number>/", projects.sakigake_detail, "year"),
    cached_table("budgets/", budgets.budgets, BUDGETS),
    cached_table("budgets/compare/", budgets.compare, COMPARISON),
    cached_table("listings/", tables.listings_table, LISTINGS),
    cached_page("budgets/check/", check.check_page, "year"),
    cached_page("departments/", projects.department_list),
    cached_page("departments/<slug:code>/", projects.department_detail, "year"),
    cached_page("promotion/", promotion.promotion),
    cached_page("strategy/", strategy.strategy, "mark", "heading"),
    cached_page("sources/", sources.source_list),
    cached_page("sources/<number:number>/<number:page>/", sources.source_page),
    cached_page("search/", search_page, "q", "kind", "area", "department", "year", "synonyms", "page"),
    uncached("search.json", search_json),
    cached_page("changes/", changes.changes, "department", "set", "page"),
    uncached("changes.json", changes.changes_json),
    *(
        prebuilt_file(f"{table.name}.{ending}", make_download_view(table, ending))
        for table in PREBUILT_TABLES
        for ending in EXTENSIONS
    ),
    *(uncached(f"{COMPARISON.name}.{ending}", make_download_view(COMPARISON, ending)) for ending in EXTENSIONS),
    cached_page("components/", component_gallery.component_gallery),
    cached_page("sitemap.xml", partial(sitemap_view, sitemaps={"pages": sitemap.PublicSitemap}), "p"),
    cached_page("robots.txt", sitemap.robots),
    uncached("healthz", probes.healthz),
    uncached("readyz", probes.readyz),
    path("admin/password-reset/", signing_in.password_reset, name="admin_password_reset"),
    path("admin/password-reset/sent/", signing_in.password_reset_done, name="password_reset_done"),
    path("admin/password-reset/<uidb64>/<token>/", signing_in.password_reset_confirm, name="password_reset_confirm"),
    path("admin/password-reset/done/", signing_in.password_reset_complete, name="password_reset_complete"),
    path("admin/", admin.site.urls),
]
