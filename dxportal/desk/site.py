"""The staff desk: Django's admin, in which every edit of the catalogue becomes a proposal."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, path

from dxportal.planfolder.rows import CATALOGUE


class DeskSite(admin.AdminSite):
    site_header = "計画カタログの管理"
    site_title = "計画カタログ"
    index_title = "管理"

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """The one place where pages of the catalogue are made to run inside the open set."""
        from dxportal.desk.proposing import proposing

        owner = getattr(view, "__self__", None)
        of_catalogue = isinstance(owner, admin.ModelAdmin) and owner.model in CATALOGUE
        if of_catalogue or view == self.autocomplete_view:
            view = proposing(view)
        return super().admin_view(view, cacheable)

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_staff

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from dxportal.desk import sets

        return [
            path("changes/", self.admin_view(sets.set_list), name="change_sets"),
            path("changes/<int:number>/", self.admin_view(sets.set_page), name="change_set"),
            path("changes/<int:number>/preview/", self.admin_view(sets.preview), name="change_set_preview"),
            path("changes/<int:number>/preview/<path:address>", self.admin_view(sets.preview)),
            *super().get_urls(),
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Every page of the desk says in which set one works."""
        from dxportal.desk.workbench import open_set

        context = super().each_context(request)
        context["open_set"] = open_set(request) if request.user.is_authenticated else None
        return context
