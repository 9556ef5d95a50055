"""Derived tables behind the budget pages: rows in display order with the measures that count them, and their sums."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from budgets.models.lines import BudgetLine, PointedAtQuerySet
from budgets.models.measures import Measure
from budgets.models.stages import Stage
from catalog.models import Department, SourceDocument
from catalog.models.base import fiscal_year_field
from projects.models import AmountKind, Appearance, Project, ProjectPart

# Display order within a fiscal year.
ROWS_IN_ORDER = ("department_rank", "project_rank", "number")


class BudgetRowQuerySet(PointedAtQuerySet["BudgetRow"]):
    def of_measure(self, measure: Measure) -> BudgetRowQuerySet:
        """Filter the rows of a measure: its addends, and one row for each project and year without any (記載なし)."""
        return self.filter(**{measure.column: True})

    # The kind tells lines from projects: for `line IS NULL`, which many rows meet, SQLite would take the unique index.
    def of_lines(self) -> BudgetRowQuerySet:
        return self.filter(kind__isnull=False)

    def of_projects(self) -> BudgetRowQuerySet:
        """Filter the rows of projects: one for each project and year, whether it states an amount or not."""
        return self.filter(kind__isnull=True)

    def for_year(self, fiscal_year: int) -> BudgetRowQuerySet:
        return self.filter(fiscal_year=fiscal_year)

    def in_order(self) -> BudgetRowQuerySet:
        """Order by year (latest first), then as `BudgetLineQuerySet.in_order`, rows without an amount first."""
        return self.order_by("-fiscal_year", *ROWS_IN_ORDER)


def measure_field(measure: Measure) -> models.BooleanField[bool, bool]:
    return models.BooleanField(f"{measure.label}の行")


def index_of_measure(measure: Measure) -> models.Index:
    """Return the index in display order of a measure that has few of a year's rows."""
    return models.Index(
        fields=["-fiscal_year", *ROWS_IN_ORDER],
        condition=Q(**{measure.column: True}),
        name=f"budgetrow_{measure.column}",
    )


def index_of_unstated(measure: Measure) -> models.Index:
    """Return the index of a department's projects without an amount of a measure on which a year may open."""
    return models.Index(
        fields=["department", "-fiscal_year", *ROWS_IN_ORDER],
        condition=Q(kind__isnull=True, **{measure.column: True}),
        name=f"budgetrow_unstated_{measure.value}",
    )


class BudgetRow(models.Model):
    """A budget line, or a project in a year, with its sort keys and the measures that have it among their rows.

    The row of a project stands for 記載なし: it is a row of those measures that list projects without an addend. It has
    the place of the project's first appearance in the year; a project that has lines alone has no place.

    A derived table that nobody edits: `budgets.materialized_rows` refreshes it from lines, appearances and projects, in
    the transaction that changes them. Materialised because the first 100 of 100,000 rows would otherwise require
    sorting all of them.
    """

    id = models.BigAutoField(primary_key=True)
    fiscal_year = fiscal_year_field()
    department_rank = models.PositiveIntegerField("部局の並び順")
    project_rank = models.PositiveBigIntegerField("事業の順番")
    number = models.PositiveIntegerField("事業の中の順番")
    in_all = measure_field(Measure.ALL)
    in_request = measure_field(Measure.REQUEST)
    in_initial = measure_field(Measure.INITIAL)
    in_supplementary = measure_field(Measure.SUPPLEMENTARY)
    in_current = measure_field(Measure.CURRENT)
    in_available = measure_field(Measure.AVAILABLE)
    in_settlement = measure_field(Measure.SETTLEMENT)
    in_carried_out = measure_field(Measure.CARRIED_OUT)
    line = models.OneToOneField(
        BudgetLine, models.DO_NOTHING, related_name="+", null=True, db_constraint=False, verbose_name="予算額"
    )
    appearance = models.OneToOneField(
        Appearance, models.DO_NOTHING, related_name="+", null=True, db_constraint=False, verbose_name="掲載"
    )
    department = models.ForeignKey(
        Department, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False, verbose_name="所管部局"
    )
    project = models.ForeignKey(
        Project, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False, verbose_name="事業"
    )
    part = models.ForeignKey(
        ProjectPart,
        models.DO_NOTHING,
        related_name="+",
        null=True,
        db_constraint=False,
        db_index=False,
        verbose_name="内訳",
    )
    stage = models.ForeignKey(
        Stage,
        models.DO_NOTHING,
        related_name="+",
        null=True,
        db_constraint=False,
        db_index=False,
        verbose_name="予算区分",
    )
    kind = models.CharField("種別", max_length=20, choices=AmountKind, null=True)  # noqa: DJ001  # NULL, as in a UNION
    amount_thousand_yen = models.BigIntegerField("予算額（千円）", null=True)
    document = models.ForeignKey(
        SourceDocument,
        models.DO_NOTHING,
        related_name="+",
        null=True,
        db_constraint=False,
        db_index=False,
        verbose_name="出典資料",
    )
    page = models.PositiveSmallIntegerField("出典ページ", null=True)

    objects = BudgetRowQuerySet.as_manager()

    class Meta:
        verbose_name = "予算額の表の行"
        verbose_name_plural = "予算額の表の行"
        indexes = [
            models.Index(fields=["-fiscal_year", *ROWS_IN_ORDER], name="budgetrow_in_order"),
            models.Index(fields=["department", "-fiscal_year", *ROWS_IN_ORDER], name="budgetrow_department"),
            models.Index(fields=["project", "fiscal_year"], name="budgetrow_project"),
            *map(index_of_unstated, (Measure.INITIAL, Measure.CURRENT, Measure.SETTLEMENT)),
            *map(index_of_measure, (Measure.REQUEST, Measure.SUPPLEMENTARY, Measure.SETTLEMENT, Measure.CARRIED_OUT)),
        ]

    def __str__(self) -> str:
        return f"{self.fiscal_year}年度 {self.project} {self.number}"


class BudgetSum(models.Model):
    """Row count and sum (thousand yen) by fiscal year, measure, department, stage and kind.

    No stage and no kind: the rows without an amount. Derived from `BudgetRow`, so that a request need not sum a year of
    100,000 lines.
    """

    id = models.BigAutoField(primary_key=True)
    fiscal_year = fiscal_year_field()
    measure = models.CharField("集計する額", max_length=20, choices=Measure)
    department = models.ForeignKey(
        Department, models.DO_NOTHING, related_name="+", db_constraint=False, verbose_name="所管部局"
    )
    stage = models.ForeignKey(
        Stage,
        models.DO_NOTHING,
        related_name="+",
        null=True,
        db_constraint=False,
        db_index=False,
        verbose_name="予算区分",
    )
    kind = models.CharField("種別", max_length=20, choices=AmountKind, null=True)  # noqa: DJ001  # NULL, as in a UNION
    rows = models.PositiveBigIntegerField("行数")
    amount_thousand_yen = models.BigIntegerField("予算額（千円）", null=True)

    class Meta:
        verbose_name = "予算額の小計"
        verbose_name_plural = "予算額の小計"
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "measure", "department", "stage", "kind"],
                name="budgetsum_unique",
                violation_error_message="合計の表に同じ行が二つあります。rebuild_tables で作り直してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fiscal_year}年度 {self.get_measure_display()} {self.department} {self.amount_thousand_yen}"
