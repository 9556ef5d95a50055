"""Derived tables of the year-on-year comparison: its rows in display order, and their counts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from budgets.models.measures import Measure
from catalog.models.base import fiscal_year_field
from projects.models import Project


class AmountChange(models.TextChoices):
    """Kind of change of an amount from one year to the next."""

    NEW = "new", _("新規")
    ENDED = "ended", _("終了")
    INCREASED = "increased", _("増額")
    DECREASED = "decreased", _("減額")
    SAME = "same", _("同額")
    INCOMPARABLE = "incomparable", _("範囲が異なる")
    STATED = "stated", _("額の記載が加わった")
    UNSTATED = "unstated", _("額の記載がなくなった")
    SILENT = "silent", _("どちらも記載なし")


# Display order within a comparison.
CHANGES_IN_ORDER = ("department_position", "project_rank")


def base_year_field() -> models.PositiveSmallIntegerField[int, int]:
    return models.PositiveSmallIntegerField("比較対象の年度")


class BudgetChange(models.Model):
    """A project in the comparison of a fiscal year with the one before, or of the first year with itself.

    Amounts are sums of the pair's measure; the change is that of the expenditure, and NULL where either year states
    none or the two cover different stages.

    A derived table that nobody edits: `budgets.materialized_comparison` refreshes it from `budgets.comparison`, in the
    transaction that changes the budget rows. `fiscal_year` determines `base_year`, and `BudgetChangeSum` says the
    measure.
    """

    id = models.BigAutoField(primary_key=True)
    base_year = base_year_field()
    fiscal_year = fiscal_year_field()
    project = models.ForeignKey(
        Project, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False, verbose_name="事業"
    )
    base_department = models.CharField("前年度の部局", max_length=200, null=True)  # noqa: DJ001  # NULL: no department was in charge
    in_charge = models.CharField("部局", max_length=200, null=True)  # noqa: DJ001  # NULL: no department is in charge
    department_position = models.PositiveIntegerField("部局の並び順")
    project_rank = models.PositiveBigIntegerField("事業の順番")
    base_amount = models.BigIntegerField("前年度の額（千円）", null=True)
    amount = models.BigIntegerField("額（千円）", null=True)
    base_lending_limit = models.BigIntegerField("前年度の融資枠（千円）", null=True)
    lending_limit = models.BigIntegerField("融資枠（千円）", null=True)
    change = models.BigIntegerField("増減（千円）", null=True)
    change_kind = models.CharField("変化", max_length=20, choices=AmountChange)

    class Meta:
        verbose_name = "年度の比較の行"
        verbose_name_plural = "年度の比較の行"
        indexes = [
            models.Index(fields=["fiscal_year", *CHANGES_IN_ORDER], name="budgetchange_in_order"),
            models.Index(fields=["project", "fiscal_year"], name="budgetchange_project"),
        ]

    def __str__(self) -> str:
        return f"{self.base_year}年度から{self.fiscal_year}年度 {self.project}"


class BudgetChangeSum(models.Model):
    """Number of comparison rows by year and kind of change, and the measure compared; derived like `BudgetChange`."""

    id = models.BigAutoField(primary_key=True)
    base_year = base_year_field()
    fiscal_year = fiscal_year_field()
    measure = models.CharField("集計する額", max_length=20, choices=Measure)
    change_kind = models.CharField("変化", max_length=20, choices=AmountChange)
    rows = models.PositiveBigIntegerField("行数")

    class Meta:
        verbose_name = "年度の比較の行数"
        verbose_name_plural = "年度の比較の行数"
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "change_kind"],
                name="budgetchangesum_unique",
                violation_error_message="増減の表に同じ行が二つあります。rebuild_tables で作り直してください。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.base_year}年度から{self.fiscal_year}年度 {self.get_change_kind_display()} {self.rows}"
