"""The stock admin for every table of the catalogue: searchable, in Japanese, with flat query counts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils import timezone
from import_export.admin import ExportMixin
from import_export.forms import ExportForm

from budgets.models import BudgetLine, Stage
from catalog.models import (
    Area,
    Countermeasure,
    Department,
    DepartmentAlias,
    Domain,
    FutureImage,
    Goal,
    Initiative,
    Passage,
    Pillar,
    PillarItem,
    Plan,
    PolicyHeading,
    PolicyMeasure,
    PromotionBody,
    PromotionLink,
    SourceDocument,
    StrategySection,
)
from dxportal.desk.history import HistoryFromChanges
from dxportal.exports.registry import BUDGETS
from dxportal.exports.resources import CsvFormat, ExcelFormat, TableResource, resource_of
from dxportal.exports.tables import Table
from projects.models import Appearance, NamedPart, Project, ProjectPart, SakigakeProject

admin.site.site_header = "計画カタログの管理"
admin.site.site_title = "計画カタログ"
admin.site.index_title = "管理"


class CatalogueAdmin(HistoryFromChanges, admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """A table of the catalogue: its foreign keys are searched for, never listed in a drop-down of thousands."""

    list_per_page = 50
    show_full_result_count = False

    def get_autocomplete_fields(self, request: Any) -> list[str]:
        return [field.name for field in self.opts.get_fields() if field.many_to_one and field.concrete]


class TableAdmin(ExportMixin, CatalogueAdmin):
    """A table that the public can take away too: the list, as it is filtered, as the same file."""

    export_form_class = ExportForm
    export_formats = (ExcelFormat, CsvFormat)
    table: Table

    def get_resource_classes(self, request: Any) -> list[type[TableResource]]:
        return [resource_of(self.table)]

    def get_export_filename(self, request: Any, queryset: Any, file_format: Any) -> str:
        return f"{self.table.name}-{timezone.localdate():%Y%m%d}.{file_format.get_extension()}"


class PrintedAdmin(CatalogueAdmin):
    """A table whose rows are printed on a page."""

    list_filter: ClassVar[tuple[str, ...]] = ("document",)
    list_select_related: ClassVar[tuple[str, ...]] = ("document",)

    def get_list_display(self, request: Any) -> tuple[str, ...]:
        return ("code", "__str__", "document", "page")

    def get_search_fields(self, request: Any) -> tuple[str, ...]:
        return ("code", *self.model.printed_fields)


@admin.register(Plan)
class PlanAdmin(CatalogueAdmin):
    list_display = ("code", "title", "status", "is_current")
    search_fields = ("code", "title")


@admin.register(SourceDocument)
class SourceDocumentAdmin(CatalogueAdmin):
    list_display = ("label", "title", "page_from", "page_to")
    search_fields = ("label", "title")


@admin.register(Department)
class DepartmentAdmin(CatalogueAdmin):
    list_display = ("name", "code", "position")
    search_fields = ("code", "name", "aliases__label")


@admin.register(DepartmentAlias)
class DepartmentAliasAdmin(CatalogueAdmin):
    list_display = ("label", "department")
    list_select_related = ("department",)
    search_fields = ("label", "department__name")


@admin.register(Project)
class ProjectAdmin(CatalogueAdmin):
    list_display = ("name", "code", "department", "nature")
    list_filter = ("department", "nature")
    list_select_related = ("department",)
    search_fields = ("code", "name", "kana")


@admin.register(ProjectPart)
class ProjectPartAdmin(CatalogueAdmin):
    list_display = ("name", "code", "project")
    list_select_related = ("project",)
    search_fields = ("code", "name", "project__name")


@admin.register(Appearance)
class AppearanceAdmin(PrintedAdmin):
    list_filter = ("fiscal_year", "department", "is_repeat", "document")
    list_select_related = ("document", "project", "department")

    def get_list_display(self, request: Any) -> tuple[str, ...]:
        return ("code", "fiscal_year", "printed_name", "printed_department", "is_repeat", "document", "page")


@admin.register(NamedPart)
class NamedPartAdmin(CatalogueAdmin):
    list_display = ("label", "appearance", "is_repeat")
    list_select_related = ("appearance",)
    search_fields = ("label", "appearance__printed_name")


@admin.register(Stage)
class StageAdmin(CatalogueAdmin):
    list_display = ("name", "code", "is_combined")
    search_fields = ("code", "name")


@admin.register(BudgetLine)
class BudgetLineAdmin(TableAdmin):
    table = BUDGETS
    list_display = (
        "project",
        "part",
        "fiscal_year",
        "stage",
        "kind",
        "amount_thousand_yen",
        "department",
        "document",
        "page",
    )
    list_filter = ("fiscal_year", "kind", "stage", "department")
    list_select_related = ("project", "part", "stage", "department", "document")
    search_fields = ("project__code", "project__name", "part__name")


admin.site.register(
    [
        Passage,
        Pillar,
        PillarItem,
        Area,
        FutureImage,
        Domain,
        Goal,
        Countermeasure,
        PromotionBody,
        PromotionLink,
        StrategySection,
        PolicyHeading,
        PolicyMeasure,
        Initiative,
        SakigakeProject,
    ],
    PrintedAdmin,
)
