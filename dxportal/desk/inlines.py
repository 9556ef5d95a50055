"""Rows that are edited on the page of the row they belong to."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import ForeignKey, QuerySet
from django.forms.models import BaseInlineFormSet

from budgets.models import BudgetLine, Stage
from catalog.models import Department, Initiative, SourceDocument
from dxportal.desk.duties import ByDuty
from dxportal.desk.roles import Staff
from projects.models import Appearance, ProjectPart


class InlineRows(BaseInlineFormSet):  # type: ignore[type-arg]  # not subscriptable at run time
    model: type[Any]

    def get_unique_error_message(self, unique_check: Any) -> str:
        labels = [str(self.model._meta.get_field(name).verbose_name) for name in unique_check if name != self.fk.name]
        return f"{'・'.join(labels)}が同じ行が、二つあります。どちらかを変えるか、消してください。"


class LineRows(InlineRows):
    """Two amounts of the whole project in the same place are told here: Django leaves that rule to the database."""

    def clean(self) -> None:
        super().clean()
        seen = set()
        for form in self.forms:
            if (form.instance._state.adding and not form.has_changed()) or form in self.deleted_forms:
                continue
            place = tuple(form.cleaned_data.get(name) for name in ("fiscal_year", "part", "stage", "kind"))
            if place in seen and place[1] is None:
                form.add_error("stage", "同じ年度・予算の区分・種別の額が、もうあります。")
            seen.add(place)


class CatalogueInline(ByDuty, admin.TabularInline):  # type: ignore[type-arg,misc]  # stubs: not so at run time
    """Drop-downs are made once for all rows, and only of tables that are small."""

    extra = 0
    show_change_link = True
    shown_fields: tuple[str, ...] = ()
    small = (Department, Stage, SourceDocument)
    formset = InlineRows
    can_add = False

    def get_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        return self.shown_fields

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return self.can_add and super().has_add_permission(request, obj)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return self.can_add and super().has_delete_permission(request, obj)

    def get_formset(self, request: Any, obj: Any = None, **kwargs: Any) -> Any:
        self.parent_row = obj
        return super().get_formset(request, obj, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Without the four buttons beside each drop-down: another row is edited on its own page."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: Any, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and (rows := self.choices_of(db_field)) is not None:
            field.queryset = rows = Staff.of(request.user).seen(rows)
            blank = [("", "---------")] if db_field.blank or self.can_add else []
            field.choices = [*blank, *((row.pk, str(row)) for row in rows)]
        return field

    def choices_of(self, db_field: ForeignKey[Any, Any]) -> Any:
        return db_field.related_model._default_manager.all() if db_field.related_model in self.small else None


class PartInline(CatalogueInline):
    model = ProjectPart
    shown_fields = ("code", "name", "position")
    can_add = True

    def get_queryset(self, request: Any) -> QuerySet[ProjectPart]:
        return super().get_queryset(request).select_related("project")  # each links to the page of its project


class BudgetLineInline(CatalogueInline):
    model = BudgetLine
    formset = LineRows
    shown_fields = ("fiscal_year", "part", "stage", "kind", "amount_thousand_yen", "department", "document", "page")
    can_add = True

    def get_queryset(self, request: Any) -> QuerySet[BudgetLine]:
        return super().get_queryset(request).select_related("project", "part", "stage").order_by("-fiscal_year")

    def choices_of(self, db_field: ForeignKey[Any, Any]) -> Any:
        if db_field.name == "part":
            return ProjectPart.objects.filter(project=self.parent_row)
        return super().choices_of(db_field)


class AppearanceInline(CatalogueInline):
    """Where a project is printed; a new appearance needs its place in the plan and is added on a page of its own."""

    model = Appearance
    shown_fields = ("fiscal_year", "printed_name", "is_repeat", "printed_kind", "printed_amount_thousand_yen")
    fk_name: str | None = None

    def get_queryset(self, request: Any) -> Any:
        rows: Any = super().get_queryset(request)
        # Each row is named after its project and links to the page that it is printed on.
        return rows.select_related("project", "countermeasure__goal", "sakigake_project").in_printed_order()


class OfProjectInline(AppearanceInline):
    fk_name = "project"


class RelatedProjectInline(AppearanceInline):
    fk_name = "countermeasure"
    verbose_name_plural = "主な関連事業"


class ComponentInline(AppearanceInline):
    fk_name = "sakigake_project"
    verbose_name_plural = "構成事業等"


class InitiativeInline(CatalogueInline):
    model = Initiative
    shown_fields = ("code", "text", "content", "revision_mark", "page", "position")
