"""Appearances: a project as printed in one place, under a countermeasure or a Sakigake project."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q, Window
from django.db.models.functions import RowNumber
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from catalog.models import Countermeasure, Department, Identified, Printed, PrintedQuerySet
from catalog.models.base import FISCAL_YEARS, fiscal_year_field, position_field
from projects.models.projects import Project, ProjectPart
from projects.models.sakigake import SakigakeProject


class AmountKind(models.TextChoices):
    """Kind of an amount: expenditure, or limit up to which loans are granted."""

    EXPENDITURE = "expenditure", _("予算額")
    LENDING_LIMIT = "lending_limit", _("融資枠")


PRINTED_ORDER = (
    "document__number",
    "page",
    "sakigake_project__number",
    "countermeasure__goal__domain__area__position",
    "countermeasure__goal__domain__position",
    "countermeasure__goal__position",
    "countermeasure__position",
    "position",
    "code",
)


class AppearanceQuerySet(PrintedQuerySet["Appearance"]):
    def get_by_natural_key(self, plan_code: str, fiscal_year: str, code: str) -> Appearance:  # type: ignore[override]  # the year is part of it
        return self.get(plan__code=plan_code, fiscal_year=fiscal_year, code=code)

    def listings(self) -> AppearanceQuerySet:
        """Filter related projects (主な関連事業): appearances under a countermeasure."""
        return self.filter(countermeasure__isnull=False)

    def components(self) -> AppearanceQuerySet:
        """Filter component projects (構成事業): appearances under a Sakigake project."""
        return self.filter(sakigake_project__isnull=False)

    def for_year(self, fiscal_year: int) -> AppearanceQuerySet:
        return self.filter(fiscal_year=fiscal_year)

    def in_printed_order(self) -> AppearanceQuerySet:
        return self.order_by(*PRINTED_ORDER)

    def first_of_each_project(self) -> AppearanceQuerySet:
        """Filter the appearance printed first for each project and fiscal year."""
        return self.first_of_each("project", "fiscal_year")

    def first_of_each(self, *fields: str) -> AppearanceQuerySet:
        """Filter the appearance printed first for each combination of the fields' values."""
        nth = Window(RowNumber(), partition_by=fields, order_by=PRINTED_ORDER)
        return Appearance.objects.filter(pk__in=self.annotate(nth=nth).filter(nth=1).values("pk"))

    def with_names(self) -> AppearanceQuerySet:
        """Join the names that a table row shows: project, department, document and parts; two further queries."""
        return self.select_related("project", "department", "document").prefetch_related("named_parts__part")

    def amounts(self) -> models.QuerySet[Appearance, Any]:
        """Select printed amounts with project and Sakigake project, as named tuples."""
        amounts = ("printed_amount_thousand_yen", "printed_kind", "is_repeat", "fiscal_year")
        return self.values_list("pk", "project_id", "sakigake_project_id", *amounts, named=True)

    def parts_named(self) -> models.QuerySet[NamedPart, tuple[Any, Any]]:
        """Select pairs of appearance key and part key, one for each named part."""
        named = NamedPart.objects.filter(appearance__in=self.order_by().values("pk"))
        return named.order_by().values_list("appearance_id", "part_id")

    def with_parents(self) -> AppearanceQuerySet:
        """Join the parents of the appearances up to area or plan, which links show."""
        return self.select_related("countermeasure__goal__domain__area", "sakigake_project__plan")


class Appearance(Printed):
    """Project as printed in one place. A repeat (再掲) is a property of the appearance, not of the project."""

    printed_fields = ("printed_name", "note")

    countermeasure = models.ForeignKey(
        Countermeasure,
        models.PROTECT,
        related_name="related_projects",
        null=True,
        blank=True,
        verbose_name="対応策",
        help_text="対応策かプロジェクトの、どちらか一つだけを選びます。",
    )
    sakigake_project = models.ForeignKey(
        SakigakeProject,
        models.PROTECT,
        related_name="components",
        null=True,
        blank=True,
        verbose_name="プロジェクト",
    )
    fiscal_year = fiscal_year_field()
    project = models.ForeignKey(Project, models.PROTECT, related_name="appearances", verbose_name="事業")
    printed_name = models.CharField("資料に記載の事業名", max_length=200)
    department = models.ForeignKey(Department, models.PROTECT, related_name="appearances", verbose_name="所管部局")
    printed_department = models.CharField("資料に記載の部局名", max_length=200)
    is_repeat = models.BooleanField("再掲", default=False, help_text="資料に（再掲）の印があるとき。")
    repeat_before_parts = models.BooleanField(
        "再掲の印が内訳より前", default=False, help_text="（再掲）が、かっこ書きの内訳の前に記載されているとき。"
    )
    printed_kind = models.CharField(
        "資料に記載の種別",
        max_length=20,
        choices=AmountKind,
        blank=True,
        help_text="額の記載がないときは空にします。",
    )
    printed_amount_thousand_yen = models.PositiveBigIntegerField(
        "資料に記載の額（千円）",
        null=True,
        blank=True,
        help_text="記載がないときは空にします。0円とは異なります。",
    )
    note = models.TextField("添え書き", blank=True, help_text="事業名の下に記載されている説明。")

    objects = AppearanceQuerySet.as_manager()

    class Meta(Printed.Meta):
        verbose_name = "掲載"
        verbose_name_plural = "掲載"
        indexes = [
            *Printed.Meta.indexes,
            # For finding the rows in which a department is printed under a name that it gives up.
            models.Index(fields=["department", "printed_department"], name="appearance_printed_label"),
        ]
        constraints = [
            *[c for c in Printed.Meta.constraints if not isinstance(c, models.UniqueConstraint)],
            models.UniqueConstraint(
                fields=["plan", "fiscal_year", "code"],
                name="appearance_code_unique",
                violation_error_message="この年度には、同じコードの掲載がもうあります。別のコードを付けてください。",
            ),
            models.CheckConstraint(
                condition=Q(countermeasure__isnull=False, sakigake_project__isnull=True)
                | Q(countermeasure__isnull=True, sakigake_project__isnull=False),
                name="appearance_has_one_parent",
                violation_error_message="対応策かプロジェクトの、どちらか一つだけを選んでください。",
            ),
            models.CheckConstraint(
                condition=Q(fiscal_year__range=FISCAL_YEARS),
                name="appearance_year_possible",
                violation_error_message="年度は、西暦（1900〜2999）で入れてください。",
            ),
            models.CheckConstraint(
                condition=Q(is_repeat=True) | Q(repeat_before_parts=False),
                name="appearance_mark_is_there",
                violation_error_message="再掲の印の位置は、「再掲」に印があるときだけ選べます。再掲に印を付けるか、位置の印を外してください。",
            ),
            models.CheckConstraint(
                condition=Q(printed_amount_thousand_yen__isnull=True) | Q(printed_amount_thousand_yen__gte=0),
                name="appearance_amount_not_negative",
                violation_error_message="資料に記載の額は0以上の数にしてください。記載がないときは空にします。",
            ),
            models.CheckConstraint(
                condition=Q(printed_amount_thousand_yen__isnull=True, printed_kind="")
                | Q(printed_amount_thousand_yen__isnull=False, printed_kind__in=AmountKind.values),
                name="appearance_amount_has_kind",
                violation_error_message="資料に記載の額と種別は、両方入れるか、両方空にしてください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.printed_name}"

    def natural_key(self) -> tuple[str, ...]:
        return (self.plan.code, str(self.fiscal_year), self.code)

    @cached_property
    def parts(self) -> list[NamedPart]:
        """The named parts in printed order."""
        return list(self.named_parts.all())

    @property
    def named_in_brackets(self) -> list[NamedPart]:
        return [part for part in self.parts if part.brackets]

    @property
    def named_below(self) -> list[NamedPart]:
        return [part for part in self.parts if not part.brackets]


def with_parts(appearances: Iterable[Appearance], parts: Iterable[NamedPart]) -> list[Appearance]:
    """Attach named parts to their appearances without a query; return the appearances as a list."""
    appearances = list(appearances)
    named = defaultdict(list)
    for part in parts:
        named[part.appearance_id].append(part)
    for appearance in appearances:
        appearance.parts = named[appearance.pk]
    return appearances


class NamedPartQuerySet(models.QuerySet["NamedPart"]):
    def get_by_natural_key(self, plan_code: str, fiscal_year: str, code: str, part_code: str) -> NamedPart:
        appearance = Appearance.objects.get_by_natural_key(plan_code, fiscal_year, code)
        return self.get(appearance=appearance, part__code=part_code)


class NamedPart(Identified):
    """Part that an appearance names, as printed: in brackets after the project name, or on a line below."""

    appearance = models.ForeignKey(Appearance, models.PROTECT, related_name="named_parts", verbose_name="掲載")
    part = models.ForeignKey(ProjectPart, models.PROTECT, related_name="named_in", verbose_name="内訳")
    label = models.CharField("資料に記載の名称", max_length=200)
    brackets = models.CharField(
        "かっこ",
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"\A[（(][）)]\Z", "かっこは、始めと終わりの二文字で入れてください（例：（））。")],
        help_text="事業名の後にかっこ書きで記載されているとき、そのかっこ。「（）」「()」など。",
    )
    is_repeat = models.BooleanField("再掲", default=False, help_text="この内訳に（再掲）の印があるとき。")
    detail = models.CharField("内容", max_length=200, blank=True)
    position = position_field()

    objects = NamedPartQuerySet.as_manager()

    class Meta:
        verbose_name = "掲載された内訳"
        verbose_name_plural = "掲載された内訳"
        ordering = ["position", "part__code"]
        constraints = [
            models.UniqueConstraint(
                fields=["appearance", "part"],
                name="namedpart_named_once",
                violation_error_message="この掲載には、同じ内訳がもうあります。どちらかの行を消してください。",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def natural_key(self) -> tuple[str, ...]:
        return (*self.appearance.natural_key(), self.part.code)
