"""Inlines: rows that are edited on the admin page of their parent row."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, QuerySet
from django.forms.formsets import INITIAL_FORM_COUNT, TOTAL_FORM_COUNT, ManagementForm
from django.forms.models import BaseInlineFormSet

from budgets.models import BudgetLine, ChangeReason, PrintedStage, Stage, StageComponent
from catalog.models import Department, DepartmentAlias, Initiative, SourceDocument, TermWord
from dxportal.changesets.integrity_rules import find_overlaps_of_edits
from dxportal.staff.admin_permissions import DutyPermissionsMixin
from dxportal.staff.permissions import StaffPermissions
from projects.models import Appearance, ProjectPart

# Submitted inputs of one row, keyed by ("initial-" for the hidden initial value or "", field name).
RowInput = dict[tuple[str, str], list[str]]
INITIAL, ID, DELETE = "initial-", ("", "id"), ("", "DELETE")


def is_touched(row: RowInput) -> bool:
    """Tell whether the user changed a row without marking it for deletion."""
    initial = {name: values for (prefix, name), values in row.items() if prefix}
    return DELETE not in row and any(row.get(("", name)) != values for name, values in initial.items())


def convert_to_new_row(row: RowInput) -> RowInput:
    """Turn the inputs of an existing row into those of a new one: no primary key, empty initial values."""
    return {key: [""] if key[0] else values for key, values in row.items() if key != ID}


class TolerantInlineFormSet(BaseInlineFormSet):  # type: ignore[type-arg]  # not subscriptable at run time
    """Inline formset that tolerates rows deleted while the page was open; changed ones are offered as new rows."""

    model: type[Any]
    accepts_new_rows = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.missing_count = 0
        counts = ManagementForm(self.data, prefix=self.prefix)
        if self.is_bound and counts.is_valid():
            self.set_missing_rows_aside(counts)

    def set_missing_rows_aside(self, counts: ManagementForm) -> None:
        """Renumber the submitted forms: rows that still exist first, then the new ones."""
        existing = {str(row.pk) for row in self.get_queryset()}
        initial = counts.cleaned_data[INITIAL_FORM_COUNT] or 0
        data, inputs = self.split_data()
        total = counts.cleaned_data[TOTAL_FORM_COUNT] or 0
        rows = [inputs.get(number, {}) for number in range(min(total, self.absolute_max))]
        present = [row for row in rows[:initial] if row.get(ID, [""])[0] in existing]
        if len(present) == initial:
            return
        missing = [row for row in rows[:initial] if row.get(ID, [""])[0] not in existing and is_touched(row)]
        self.missing_count = len(missing)
        as_new = [convert_to_new_row(row) for row in missing if self.accepts_new_rows]
        rows = [*present, *as_new, *rows[initial:]]
        for number, row in enumerate(rows):
            for (prefix, name), values in row.items():
                data.setlist(f"{prefix}{self.add_prefix(number)}-{name}", values)
        for name, count in ((TOTAL_FORM_COUNT, len(rows)), (INITIAL_FORM_COUNT, len(present))):
            data[counts.add_prefix(name)] = str(count)
        self.data = data

    def split_data(self) -> tuple[Any, dict[int, RowInput]]:
        """Split the submitted data into the rest of the page and the inputs of these rows, by form number."""
        row_input_name = re.compile(rf"({INITIAL})?{re.escape(str(self.prefix))}-(\d+)-(.+)")
        submitted: Any = self.data
        data = submitted.copy()
        rows: dict[int, RowInput] = defaultdict(dict)
        for key in list(data):
            if match := row_input_name.fullmatch(key):
                rows[int(match[2])][match[1] or "", match[3]] = data.pop(key)
        return data, rows

    def clean(self) -> None:
        super().clean()
        if self.missing_count and self.accepts_new_rows:
            raise ValidationError(
                f"この表の{self.missing_count}行は、開いているあいだになくなりました。入力は新しい行として残してあります。"
                "このまま保存すると加えます。要らなければ消してください。"
            )
        if self.missing_count:
            raise ValidationError(
                f"この表の{self.missing_count}行は、開いているあいだになくなったので、外しました。もう一度保存してください。"
            )

    def get_unique_error_message(self, unique_check: Any) -> str:
        labels = [str(self.model._meta.get_field(name).verbose_name) for name in unique_check if name != self.fk.name]
        return f"{'・'.join(labels)}が同じ行が、二つあります。どちらかを変えるか、消してください。"


class BudgetLineFormSet(TolerantInlineFormSet):
    """Formset of budget lines that reports the same amount stated twice, in the row that comes later.

    Django does not validate the unique constraint of lines without a part in a formset, because it has a condition on
    NULL.
    """

    def clean(self) -> None:
        super().clean()
        if self.total_error_count():
            return
        deleted = [form.instance for form in self.deleted_forms]
        forms = {
            form.instance.pk: form
            for form in self.forms
            if form not in self.deleted_forms and (form.has_changed() or not form.instance._state.adding)
        }
        keys = set()
        for form in forms.values():
            key = tuple(form.cleaned_data.get(name) for name in ("fiscal_year", "part", "stage", "kind"))
            if key in keys and key[1] is None:
                form.add_error("stage", "同じ年度・予算区分・種別の額が、もうあります。")
            keys.add(key)
        if not self.total_error_count():
            for line, sentence in find_overlaps_of_edits([form.instance for form in forms.values()], deleted):
                forms[line.pk].add_error("stage", sentence)


class CatalogueInline(DutyPermissionsMixin, admin.TabularInline):  # type: ignore[type-arg,misc]  # stubs: not so at run time
    """Base of the inlines: drop-downs for small tables only, their choices queried once for all rows."""

    extra = 0
    show_change_link = True
    shown_fields: tuple[str, ...] = ()
    small_tables = (Department, Stage, SourceDocument)
    formset = TolerantInlineFormSet
    can_add = False

    def get_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        return self.shown_fields

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return self.can_add and super().has_add_permission(request, obj)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return self.can_add and super().has_delete_permission(request, obj)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        """Return the fixed fields if no row can be added; else the form locks them row by row."""
        return [] if self.has_add_permission(request, obj) else self.fixed_fields(request)

    def get_formset(self, request: Any, obj: Any = None, **kwargs: Any) -> Any:
        self.parent_row = obj
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.form.fixed_fields = self.fixed_fields(request)
        formset.accepts_new_rows = self.has_add_permission(request, obj)
        return formset

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Remove the add, change, view and delete buttons of a related field: rows are edited on their own pages."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: Any, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and (rows := self.choices_of(db_field)) is not None:
            field.queryset = rows = StaffPermissions.of(request.user).filter_visible(rows)
            blank = [("", "---------")] if db_field.blank or self.can_add else []
            field.choices = [*blank, *((row.pk, str(row)) for row in rows)]
        return field

    def choices_of(self, db_field: ForeignKey[Any, Any]) -> Any:
        return db_field.related_model._default_manager.all() if db_field.related_model in self.small_tables else None


class StageComponentInline(CatalogueInline):
    model = StageComponent
    fk_name = "stage"
    shown_fields = ("component", "year_offset")
    can_add = True

    def get_queryset(self, request: Any) -> QuerySet[StageComponent]:
        return super().get_queryset(request).select_related("stage", "component")


class PrintedStageInline(CatalogueInline):
    model = PrintedStage
    shown_fields = ("stage",)
    can_add = True

    def get_queryset(self, request: Any) -> QuerySet[PrintedStage]:
        return super().get_queryset(request).select_related("document", "stage")


class TermWordInline(CatalogueInline):
    model = TermWord
    shown_fields = ("text", "is_reading", "position")
    can_add = True

    def get_queryset(self, request: Any) -> QuerySet[TermWord]:
        return super().get_queryset(request).select_related("term")


class AliasInline(CatalogueInline):
    """Other names of a department: a renamed department keeps the printed name here, within the same save."""

    model = DepartmentAlias
    shown_fields = ("label", "position")
    can_add = True


class PartInline(CatalogueInline):
    model = ProjectPart
    shown_fields = ("code", "name", "position")
    can_add = True

    def get_queryset(self, request: Any) -> QuerySet[ProjectPart]:
        return super().get_queryset(request).select_related("project")  # for the link to its public page


class BudgetLineInline(CatalogueInline):
    model = BudgetLine
    formset = BudgetLineFormSet
    shown_fields = ("fiscal_year", "part", "stage", "kind", "amount_thousand_yen", "department", "document", "page")
    can_add = True

    def get_queryset(self, request: Any) -> QuerySet[BudgetLine]:
        return super().get_queryset(request).select_related("project", "part", "stage").order_by("-fiscal_year")

    def choices_of(self, db_field: ForeignKey[Any, Any]) -> Any:
        if db_field.name == "part":
            return ProjectPart.objects.filter(project=self.parent_row)
        return super().choices_of(db_field)


class ChangeReasonInline(CatalogueInline):
    model = ChangeReason
    shown_fields = ("fiscal_year", "base_year", "text")
    can_add = True

    def get_queryset(self, request: Any) -> QuerySet[ChangeReason]:
        return super().get_queryset(request).select_related("project")


class AppearanceInline(CatalogueInline):
    """Printings of a project; a new one needs its place in the plan, so it is added on a page of its own."""

    model = Appearance
    shown_fields = ("fiscal_year", "printed_name", "is_repeat", "printed_kind", "printed_amount_thousand_yen")
    fk_name: str | None = None

    def get_queryset(self, request: Any) -> Any:
        rows: Any = super().get_queryset(request)
        # __str__ names the project; the link to the public page needs the parent rows.
        return rows.select_related("project", "countermeasure__goal", "sakigake_project").in_printed_order()


class ProjectAppearanceInline(AppearanceInline):
    fk_name = "project"


class RelatedProjectInline(AppearanceInline):
    fk_name = "countermeasure"
    verbose_name_plural = "主な関連事業"


class ComponentInline(AppearanceInline):
    fk_name = "sakigake_project"
    verbose_name_plural = "構成事業"


class InitiativeInline(CatalogueInline):
    model = Initiative
    shown_fields = ("code", "text", "content", "revision_mark", "page", "position")
