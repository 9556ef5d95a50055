"""The addresses of the portal: ASCII, lower case, stable."""

from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import path

from dxportal.pages import areas, components, plan, projects, promotion, site, sources, strategy
from dxportal.search.page import search

urlpatterns = [
    path("", plan.home),
    path("plan/", plan.plan),
    path("pillars/", plan.pillar_list),
    path("pillars/<slug:code>/", plan.pillar_detail),
    path("areas/", areas.area_list),
    path("areas/<slug:code>/", areas.area_detail),
    path("domains/<slug:code>/", areas.domain_detail),
    path("goals/<slug:code>/", areas.goal_detail),
    path("projects/", projects.project_list),
    path("projects/<slug:code>/", projects.project_detail),
    path("sakigake/", projects.sakigake_list),
    path("sakigake/<int:number>/", projects.sakigake_detail),
    path("departments/", projects.department_list),
    path("departments/<slug:code>/", projects.department_detail),
    path("promotion/", promotion.promotion),
    path("strategy/", strategy.strategy),
    path("sources/", sources.source_list),
    path("sources/<int:number>/<int:page>/", sources.source_page),
    path("search/", search),
    path("components/", components.gallery),
    path("sitemap.xml", sitemap, {"sitemaps": {"pages": site.PublicSitemap}}),
    path("robots.txt", site.robots),
    path("healthz", site.healthz),
    path("readyz", site.readyz),
    path("admin/", admin.site.urls),
]
