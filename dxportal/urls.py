"""The addresses of the portal: ASCII, lower case, stable."""

from collections.abc import Callable

from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.http import HttpResponseBase
from django.urls import URLPattern, path, register_converter
from django.views.decorators.http import require_safe

from dxportal.desk import signing_in
from dxportal.exports.answers import EXTENSIONS, file_of
from dxportal.exports.registry import TABLES
from dxportal.pages import (
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
from dxportal.search.page import search, search_json


class NumberConverter:
    """A number from 1, written in one way only: no leading zeros."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(NumberConverter, "number")


def page(route: str, view: Callable[..., HttpResponseBase]) -> URLPattern:
    """A public page: it is read, never written to."""
    return path(route, require_safe(view))


urlpatterns = [
    page("", plan.home),
    page("plan/", plan.plan),
    page("pillars/", plan.pillar_list),
    page("pillars/<slug:code>/", plan.pillar_detail),
    page("areas/", areas.area_list),
    page("areas/<slug:code>/", areas.area_detail),
    page("domains/<slug:code>/", areas.domain_detail),
    page("goals/<slug:code>/", areas.goal_detail),
    page("projects/", tables.projects),
    page("projects/<slug:code>/", projects.project_detail),
    page("sakigake/", projects.sakigake_list),
    page("sakigake/<number:number>/", projects.sakigake_detail),
    page("budgets/", budgets.budgets),
    page("budgets/compare/", budgets.compare),
    page("listings/", tables.listings),
    page("budgets/check/", check.check),
    page("departments/", projects.department_list),
    page("departments/<slug:code>/", projects.department_detail),
    page("promotion/", promotion.promotion),
    page("strategy/", strategy.strategy),
    page("sources/", sources.source_list),
    page("sources/<number:number>/<number:page>/", sources.source_page),
    page("search/", search),
    page("search.json", search_json),
    page("changes/", changes.changes),
    page("changes.json", changes.changes_json),
    *(page(f"{table.name}.{ending}", file_of(table, ending)) for table in TABLES for ending in EXTENSIONS),
    page("components/", components.gallery),
    path("sitemap.xml", sitemap, {"sitemaps": {"pages": site.PublicSitemap}}),
    page("robots.txt", site.robots),
    page("healthz", site.healthz),
    page("readyz", site.readyz),
    path("admin/password-reset/", signing_in.ask_for_link, name="admin_password_reset"),
    path("admin/password-reset/sent/", signing_in.link_sent, name="password_reset_done"),
    path("admin/password-reset/<uidb64>/<token>/", signing_in.new_password, name="password_reset_confirm"),
    path("admin/password-reset/done/", signing_in.password_set, name="password_reset_complete"),
    path("admin/", admin.site.urls),
]
