"""Budget lines: amounts, each stored once, that all totals add up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q

from budgets.models.stages import REDUCTION_ELSEWHERE, SIGNED, Stage
from catalog.models import Department, Identified, SourceDocument
from catalog.models.base import FISCAL_YEARS, editorial_note_field, fiscal_year_field
from projects.models import AmountKind, Appearance, NamedPart, Project, ProjectPart

RowT_co = TypeVar("RowT_co", bound=models.Model, covariant=True)


class PointedAtQuerySet(models.QuerySet[RowT_co]):
    """Queryset of rows that appearances refer to: budget lines, or the same in the table derived from them."""

    def pointed_at_by(self, appearances: models.QuerySet[Appearance]) -> Self:
        """Filter rows that at least one of the appearances refers to; each occurs once.

        An appearance refers to its project's rows of its fiscal year. If it names parts, it refers only to rows of
        these parts and of the project as a whole.
        """
        same = appearances.filter(project=OuterRef("project"), fiscal_year=OuterRef("fiscal_year"))
        names_any = NamedPart.objects.filter(appearance=OuterRef("pk"))
        names_this = same.filter(named_parts__part=OuterRef("part"))
        # Filtering by project first lets the planner go from appearances to lines instead of scanning all lines.
        return self.filter(project__in=appearances.order_by().values("project")).filter(
            Exists(same.filter(~Exists(names_any))) | Exists(names_this) | Q(Exists(same), part__isnull=True)
        )

    def amounts(self, *annotated: str) -> models.QuerySet[RowT_co, Any]:
        """Return named tuples of the columns that totals need, and of the given annotations."""
        names = ("pk", "project_id", "part_id", "fiscal_year", "kind", "amount_thousand_yen")
        return self.order_by().values_list(*names, *annotated, named=True)


class BudgetLineQuerySet(PointedAtQuerySet["BudgetLine"]):
    def get_by_natural_key(self, project: str, part: str, fiscal_year: str, stage: str, kind: str) -> BudgetLine:
        lines = self.filter(part__code=part) if part else self.filter(part=None)
        return lines.get(project__code=project, fiscal_year=fiscal_year, stage__code=stage, kind=kind)

    def expenditure(self) -> BudgetLineQuerySet:
        return self.filter(kind=AmountKind.EXPENDITURE)

    def for_year(self, fiscal_year: int) -> BudgetLineQuerySet:
        return self.filter(fiscal_year=fiscal_year)

    def of_department(self, department: Department) -> BudgetLineQuerySet:
        """Filter by the department that was in charge in the line's fiscal year."""
        return self.filter(department=department)

    def in_order(self) -> BudgetLineQuerySet:
        """Order by year (latest first), department in 建制順, project, part, stage and kind."""
        return self.order_by(
            "-fiscal_year",
            "department__position",
            "project__kana",
            "project__code",
            models.F("part__position").asc(nulls_first=True),
            "stage__position",
            "kind",
        )

    def with_names(self) -> BudgetLineQuerySet:
        return self.select_related("project", "part", "stage", "department", "document")


class BudgetLine(Identified):
    """The amount (thousand yen) of a project, or of one part of it, in a fiscal year, stage and kind.

    A project that states no amount has no line: "not stated" is never 0.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="budget_lines", verbose_name="事業")
    part = models.ForeignKey(
        ProjectPart,
        models.PROTECT,
        related_name="budget_lines",
        null=True,
        blank=True,
        verbose_name="内訳",
        help_text="事業全体の額なら空にします。",
    )
    fiscal_year = fiscal_year_field()
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="budget_lines", verbose_name="予算区分")
    kind = models.CharField("種別", max_length=20, choices=AmountKind, default=AmountKind.EXPENDITURE)
    amount_thousand_yen = models.BigIntegerField(
        "予算額（千円）",
        help_text="千円単位の整数。減額は △3,000 のように入れます。額の記載がないときは、0 ではなく、行を作りません。",
    )
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        related_name="budget_lines",
        verbose_name="所管部局",
        help_text="その年度に所管していた部局。",
    )
    document = models.ForeignKey(
        SourceDocument, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="出典資料"
    )
    page = models.PositiveSmallIntegerField("出典ページ", null=True, blank=True)
    editorial_note = editorial_note_field()

    objects = BudgetLineQuerySet.as_manager()

    class Meta:
        verbose_name = "予算額"
        verbose_name_plural = "予算額"
        ordering = ["-fiscal_year"]
        indexes = [
            # Covering index: a year is summed without reading the table.
            models.Index(fields=["fiscal_year", "department", "kind", "amount_thousand_yen"], name="budgetline_totals"),
            models.Index(fields=["project", "fiscal_year"], name="budgetline_project_year"),
            models.Index(fields=["document", "page"], name="budgetline_place"),
            models.Index(fields=["fiscal_year", "document"], name="budgetline_cited"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "part", "fiscal_year", "stage", "kind"],
                name="budgetline_unique_of_part",
                violation_error_message="この内訳には、同じ年度・予算区分・種別の額がもうあります。その額を直すか、どれかを変えてください。",
            ),
            models.UniqueConstraint(
                fields=["project", "fiscal_year", "stage", "kind"],
                condition=Q(part__isnull=True),
                name="budgetline_unique_of_whole",
                violation_error_message="この事業には、同じ年度・予算区分・種別の額がもうあります。その額を直すか、どれかを変えてください。",
            ),
            models.CheckConstraint(
                condition=Q(fiscal_year__range=FISCAL_YEARS),
                name="budgetline_year_possible",
                violation_error_message="年度は、西暦（1900〜2999）で入れてください。",
            ),
            models.CheckConstraint(
                condition=Q(page__isnull=True) | Q(page__gte=1),
                name="budgetline_page_counts_from_1",
                violation_error_message="出典ページは1以上の数にしてください。",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=AmountKind.values),
                name="budgetline_kind_known",
                violation_error_message="種別は、一覧から選んでください。",
            ),
            models.CheckConstraint(
                condition=Q(document__isnull=True, page__isnull=True) | Q(document__isnull=False, page__isnull=False),
                name="budgetline_place_whole_or_none",
                violation_error_message="出典資料とページは、両方入れるか、両方空にしてください。",
            ),
        ]

    def __str__(self) -> str:
        part = f"（{self.part}）" if self.part else ""
        return f"{self.project}{part} {self.fiscal_year}年度 {self.stage}"

    def clean(self) -> None:
        super().clean()
        if self.stage_id and is_misplaced_reduction(self):
            raise ValidationError({"amount_thousand_yen": REDUCTION_ELSEWHERE})

    def natural_key(self) -> tuple[str, ...]:
        return (
            self.project.code,
            self.part.code if self.part else "",
            str(self.fiscal_year),
            self.stage.code,
            self.kind,
        )


def is_misplaced_reduction(line: BudgetLine) -> bool:
    """Tell whether a line states a negative amount in a stage that reduces nothing."""
    amount: Any = line.amount_thousand_yen
    return isinstance(amount, int) and amount < 0 and line.stage.role not in SIGNED


def lines_of(
    appearances: Iterable[Any], lines: Iterable[Any], parts_named: Iterable[tuple[Any, Any]] | None = None
) -> dict[Any, list[Any]]:
    """Map each appearance to the lines that it refers to, by the rule of `pointed_at_by`; no query.

    Both arguments may be named tuples (`amounts`). `parts_named`: pairs (appearance, part) of primary keys, for
    appearances that were read without their parts.
    """
    by_project: dict[tuple[object, int], list[Any]] = {}
    for line in lines:
        by_project.setdefault((line.project_id, line.fiscal_year), []).append(line)
    appearances = list(appearances)
    if parts_named is None:
        parts_named = ((one.pk, named.part_id) for one in appearances for named in one.parts)
    named = defaultdict(set)
    for appearance_key, part in parts_named:
        named[appearance_key].add(part)
    return {
        appearance: [
            line
            for line in by_project.get((appearance.project_id, appearance.fiscal_year), [])
            if line.part_id is None or appearance.pk not in named or line.part_id in named[appearance.pk]
        ]
        for appearance in appearances
    }
