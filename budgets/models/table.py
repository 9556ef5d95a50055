"""Derived tables behind the budget pages: rows in display order, and their sums."""

from __future__ import annotations

from django.db import models

from budgets.models.lines import BudgetLine
from budgets.models.stages import Stage
from catalog.models import Department, SourceDocument
from catalog.models.base import fiscal_year_field
from projects.models import AmountKind, Appearance, Project, ProjectPart

# Display order within a fiscal year.
ROWS_IN_ORDER = ("department_rank", "project_rank", "number")


class BudgetRowQuerySet(models.QuerySet["BudgetRow"]):
    def listed(self) -> BudgetRowQuerySet:
        """Filter the rows that the table shows: every line, and one row for each project and year without a line."""
        return self.filter(is_listed=True)

    def first_appearances(self) -> BudgetRowQuerySet:
        """Filter the first appearance of each project and year, with an amount or without."""
        return self.filter(appearance__isnull=False)

    def of_lines(self) -> BudgetRowQuerySet:
        return self.filter(line__isnull=False)

    def without_amount(self) -> BudgetRowQuerySet:
        """Filter the listed rows that state no amount."""
        return self.listed().first_appearances()

    def for_year(self, fiscal_year: int) -> BudgetRowQuerySet:
        return self.filter(fiscal_year=fiscal_year)

    def in_order(self) -> BudgetRowQuerySet:
        """Order by year (latest first), then as `BudgetLineQuerySet.in_order`, rows without an amount first."""
        return self.order_by("-fiscal_year", *ROWS_IN_ORDER)


class BudgetRow(models.Model):
    """A budget line, or the first appearance of a project in a year, with its sort keys.

    A derived table that nobody edits: `budgets.materialized_rows` refreshes it from lines, appearances and projects, in
    the transaction that changes them. Materialised because the first 100 of 100,000 rows would otherwise require
    sorting all of them.
    """

    id = models.BigAutoField(primary_key=True)
    fiscal_year = fiscal_year_field()
    department_rank = models.PositiveIntegerField("部局の並び順")
    project_rank = models.PositiveBigIntegerField("事業の順番")
    number = models.PositiveIntegerField("事業の中の順番")
    is_listed = models.BooleanField("表に出る", help_text="額があるか、その年度に額の記載がない事業の最初の掲載。")
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
            models.Index(
                fields=["department", "-fiscal_year", *ROWS_IN_ORDER],
                condition=models.Q(appearance__isnull=False),
                name="budgetrow_silent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fiscal_year}年度 {self.project} {self.number}"


class BudgetSum(models.Model):
    """Row count and sum (thousand yen) by fiscal year, department and kind; no kind: rows without an amount.

    Derived from `BudgetRow`, so that a request need not sum a year of 100,000 lines.
    """

    id = models.BigAutoField(primary_key=True)
    fiscal_year = fiscal_year_field()
    department = models.ForeignKey(
        Department, models.DO_NOTHING, related_name="+", db_constraint=False, verbose_name="所管部局"
    )
    kind = models.CharField("種別", max_length=20, choices=AmountKind, null=True)  # noqa: DJ001  # NULL, as in a UNION
    rows = models.PositiveBigIntegerField("行数")
    amount_thousand_yen = models.BigIntegerField("予算額（千円）", null=True)

    class Meta:
        verbose_name = "予算額の小計"
        verbose_name_plural = "予算額の小計"
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "department", "kind"],
                name="budgetsum_unique",
                violation_error_message="合計の表に同じ行が二つあります。rebuild_tables で作り直してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fiscal_year}年度 {self.department} {self.amount_thousand_yen}"
