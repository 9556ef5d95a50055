"""Admin classes of the catalogue's tables: searchable, in Japanese, with a query count independent of the rows."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.contrib.auth.models import Group, User
from django.db.models import ForeignKey
from django.shortcuts import redirect
from django.utils import timezone
from import_export.admin import ExportMixin
from import_export.forms import ExportForm

from budgets.models import BudgetLine, ChangeReason, PrintedStage, Stage, StageComponent
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
    Term,
    TermWord,
)
from dxportal.changesets.workflow import WorkflowError
from dxportal.exports.table_resources import CsvFormat, ExcelFormat, TableResource, make_resource
from dxportal.staff.admin_history import ChangeHistoryMixin
from dxportal.staff.admin_permissions import DutyPermissionsMixin
from dxportal.staff.dashboard import NoAmountFilter
from dxportal.staff.forms import BudgetLineForm
from dxportal.staff.inlines import (
    AliasInline,
    BudgetLineInline,
    ChangeReasonInline,
    ComponentInline,
    InitiativeInline,
    PartInline,
    PrintedStageInline,
    ProjectAppearanceInline,
    RelatedProjectInline,
    StageComponentInline,
    TermWordInline,
)
from dxportal.staff.late_submission_admin import LateSubmissionMixin
from dxportal.staff.open_set import open_set
from dxportal.staff.permissions import StaffPermissions
from dxportal.staff.users import StaffAdmin
from dxportal.tables.registry import BUDGET_LINES
from dxportal.tables.table import Table
from projects.models import Appearance, NamedPart, Project, ProjectPart, SakigakeProject


class CatalogueAdmin(LateSubmissionMixin, DutyPermissionsMixin, ChangeHistoryMixin, admin.ModelAdmin):  # type: ignore[type-arg]  # as above
    """Base of the catalogue's admin classes; foreign keys are autocomplete fields, never drop-downs of thousands."""

    list_per_page = 50
    show_full_result_count = False
    actions = None  # rows are deleted one by one, each after a page that lists the dependent rows

    def has_module_permission(self, request: Any) -> bool:
        return StaffPermissions.of(request.user).may_see(self.model)

    def get_object(self, request: Any, object_id: str, from_field: str | None = None) -> Any:
        """Return the row; WorkflowError on POST if it is missing: Django would redirect and lose the user's input."""
        row = super().get_object(request, object_id, from_field)
        if row is None and request.method == "POST":
            raise WorkflowError(
                "この行は、今の画面にはありません。開いているあいだに消されたか、別の変更のまとまりの中だけにあるか、"
                "担当でない部局のものです。"
            )
        return row

    def get_autocomplete_fields(self, request: Any) -> list[str]:
        return [field.name for field in self.opts.concrete_fields if isinstance(field, ForeignKey)]


class TableAdmin(ExportMixin, CatalogueAdmin):
    """Admin of a table that the public can download: exports the filtered list in the same file format."""

    export_form_class = ExportForm
    export_formats = (ExcelFormat, CsvFormat)
    table: Table

    def get_resource_classes(self, request: Any) -> list[type[TableResource]]:
        return [make_resource(self.table)]

    def has_export_permission(self, request: Any) -> bool:
        return self.has_view_permission(request)

    def get_export_filename(self, request: Any, queryset: Any, file_format: Any) -> str:
        """Return the file name; inside an open set it says "proposal", so that it is not taken for published data."""
        change_set = open_set(request)
        name = f"{self.table.name}-proposal-{change_set.pk}" if change_set else self.table.name
        return f"{name}-{timezone.localdate():%Y%m%d}.{file_format.get_extension()}"

    def export_action(self, request: Any) -> Any:
        try:
            return super().export_action(request)
        except IncorrectLookupParameters:  # redirect as Django's change list does for an invalid filter
            return redirect(f"../?{ERROR_FLAG}=1")


class PrintedAdmin(CatalogueAdmin):
    """Admin of a table whose rows are printed on a page of a source document."""

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
    inlines = (PrintedStageInline,)
    list_display = ("label", "title", "page_from", "page_to")
    search_fields = ("label", "title")


@admin.register(Department)
class DepartmentAdmin(CatalogueAdmin):
    inlines = (AliasInline,)
    list_display = ("name", "code", "position")
    search_fields = ("code", "name", "aliases__label")


@admin.register(DepartmentAlias)
class DepartmentAliasAdmin(CatalogueAdmin):
    list_display = ("label", "department")
    list_select_related = ("department",)
    search_fields = ("label", "department__name")


@admin.register(Term)
class TermAdmin(CatalogueAdmin):
    inlines = (TermWordInline,)
    list_display = ("code", "all_words", "position")
    search_fields = ("code", "words__text")

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).prefetch_related("words")

    @admin.display(description="言葉")
    def all_words(self, term: Term) -> str:
        return "、".join(word.text for word in term.words.all())


@admin.register(TermWord)
class TermWordAdmin(CatalogueAdmin):
    list_display = ("text", "term", "is_reading")
    list_filter = ("is_reading",)
    list_select_related = ("term",)
    search_fields = ("text", "term__code")


@admin.register(Project)
class ProjectAdmin(CatalogueAdmin):
    inlines = (PartInline, BudgetLineInline, ChangeReasonInline, ProjectAppearanceInline)
    list_display = ("name", "code", "department", "nature")
    list_filter = ("department", "nature", NoAmountFilter)
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
    list_display = ("name", "code", "role")
    inlines = (StageComponentInline,)
    search_fields = ("code", "name")


@admin.register(StageComponent)
class StageComponentAdmin(CatalogueAdmin):
    list_display = ("stage", "component", "year_offset")
    list_select_related = ("stage", "component")


@admin.register(PrintedStage)
class PrintedStageAdmin(CatalogueAdmin):
    list_display = ("document", "stage")
    list_filter = ("stage",)
    list_select_related = ("document", "stage")


@admin.register(BudgetLine)
class BudgetLineAdmin(TableAdmin):
    form = BudgetLineForm
    table = BUDGET_LINES
    list_display = (
        "project",
        "part",
        "fiscal_year",
        "stage",
        "kind",
        "amount",
        "department",
        "document",
        "page",
    )
    list_filter = ("fiscal_year", "kind", "stage", "department")
    list_select_related = ("project", "part", "stage", "department", "document")
    search_fields = ("project__code", "project__name", "part__name")

    @admin.display(description="予算額（千円）", ordering="amount_thousand_yen")
    def amount(self, line: BudgetLine) -> str:
        return f"{line.amount_thousand_yen:,}"


@admin.register(ChangeReason)
class ChangeReasonAdmin(CatalogueAdmin):
    list_display = ("project", "base_year", "fiscal_year", "text")
    list_filter = ("fiscal_year",)
    list_select_related = ("project",)
    search_fields = ("project__code", "project__name", "text")


@admin.register(Countermeasure)
class CountermeasureAdmin(PrintedAdmin):
    inlines = (RelatedProjectInline,)


@admin.register(SakigakeProject)
class SakigakeProjectAdmin(PrintedAdmin):
    inlines = (ComponentInline,)


@admin.register(PolicyMeasure)
class PolicyMeasureAdmin(PrintedAdmin):
    inlines = (InitiativeInline,)


admin.site.register(
    [
        Passage,
        Pillar,
        PillarItem,
        Area,
        FutureImage,
        Domain,
        Goal,
        PromotionBody,
        PromotionLink,
        StrategySection,
        PolicyHeading,
        Initiative,
    ],
    PrintedAdmin,
)


admin.site.unregister([User, Group])
admin.site.register(User, StaffAdmin)
