"""The addresses of the portal: ASCII, lower case, stable."""

from collections.abc import Callable
from functools import partial

from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.http import HttpResponseBase
from django.urls import URLPattern, path, register_converter
from django.views.decorators.http import require_safe

from dxportal.exports.views import EXTENSIONS, file_of
from dxportal.operations.page_cache.cache_keys import CacheableView, PrebuiltFileView
from dxportal.public import (
    areas,
    budgets,
    changes,
    check,
    components,
    plan,
    projects,
    promotion,
    site,
    sources,
    strategy,
    tables,
)
from dxportal.public.search import search, search_json
from dxportal.staff import signing_in
from dxportal.tables.registry import BUDGETS, COMPARISON, LISTINGS, PROJECTS, SAKIGAKE
from dxportal.tables.table import Table
from dxportal.tables.table_filters import FILTERS


class NumberConverter:
    """A number from 1, written in one way only: no leading zeros."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(NumberConverter, "number")


def page(route: str, view: Callable[..., HttpResponseBase], *parameters: str) -> URLPattern:
    """A public page, kept in memory: it shows nothing but what its address and these parameters ask for."""
    return path(route, CacheableView(require_safe(view), frozenset(parameters)))


def table(route: str, view: Callable[..., HttpResponseBase], of: Table) -> URLPattern:
    """The page of a table, which knows the parameters of its filters."""
    return page(route, view, *FILTERS[of].base_filters, "page")


def file(route: str, view: Callable[..., HttpResponseBase]) -> URLPattern:
    """A table as a file: made anew for each selection, and for all of its rows once for each revision."""
    return path(route, PrebuiltFileView(require_safe(view)))


def answer(route: str, view: Callable[..., HttpResponseBase]) -> URLPattern:
    """What is read too, and made anew each time."""
    return path(route, require_safe(view))


WHOLE_TABLES = (BUDGETS, SAKIGAKE, LISTINGS, PROJECTS)

handler400 = "dxportal.public.errors.bad_request"
handler403 = "dxportal.public.errors.permission_denied"
handler500 = "dxportal.public.errors.fault"

urlpatterns = [
    page("", plan.home, "year"),
    page("plan/", plan.plan),
    page("pillars/", plan.pillar_list),
    page("pillars/<slug:code>/", plan.pillar_detail),
    page("areas/", areas.area_list),
    page("areas/<slug:code>/", areas.area_detail),
    page("domains/<slug:code>/", areas.domain_detail),
    page("goals/<slug:code>/", areas.goal_detail, "year"),
    table("projects/", tables.projects, PROJECTS),
    page("projects/<slug:code>/", projects.project_detail),
    table("sakigake/", projects.sakigake_list, SAKIGAKE),
    page("sakigake/<number:number>/", projects.sakigake_detail, "year"),
    table("budgets/", budgets.budgets, BUDGETS),
    table("budgets/compare/", budgets.compare, COMPARISON),
    table("listings/", tables.listings, LISTINGS),
    page("budgets/check/", check.check, "year"),
    page("departments/", projects.department_list),
    page("departments/<slug:code>/", projects.department_detail, "year"),
    page("promotion/", promotion.promotion),
    page("strategy/", strategy.strategy, "mark", "heading"),
    page("sources/", sources.source_list),
    page("sources/<number:number>/<number:page>/", sources.source_page),
    page("search/", search, "q", "kind", "area", "department", "year", "synonyms", "page"),
    answer("search.json", search_json),
    page("changes/", changes.changes, "department", "set", "page"),
    answer("changes.json", changes.changes_json),
    *(file(f"{one.name}.{ending}", file_of(one, ending)) for one in WHOLE_TABLES for ending in EXTENSIONS),
    *(answer(f"{COMPARISON.name}.{ending}", file_of(COMPARISON, ending)) for ending in EXTENSIONS),
    page("components/", components.gallery),
    page("sitemap.xml", partial(sitemap, sitemaps={"pages": site.PublicSitemap}), "p"),
    page("robots.txt", site.robots),
    answer("healthz", site.healthz),
    answer("readyz", site.readyz),
    path("admin/password-reset/", signing_in.ask_for_link, name="admin_password_reset"),
    path("admin/password-reset/sent/", signing_in.link_sent, name="password_reset_done"),
    path("admin/password-reset/<uidb64>/<token>/", signing_in.new_password, name="password_reset_confirm"),
    path("admin/password-reset/done/", signing_in.password_set, name="password_reset_complete"),
    path("admin/", admin.site.urls),
]
