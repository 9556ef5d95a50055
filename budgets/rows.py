"""Rows of a measure: the budget lines that it counts, and the projects that state no such amount; unevaluated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db import models
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, Value

from budgets.models import BudgetRow, BudgetSum, Measure
from budgets.models.table import BudgetRowQuerySet
from projects.models.appearances import AppearanceQuerySet

SUMMED_FIELDS = {"fiscal_year", "department"}


@dataclass(frozen=True)
class BudgetRows:
    """The addends of a measure, and for each project of the year without any the row of that project.

    Every row belongs to one department and one year, so grouping by these never changes a sum.

    `given`: the rows of every measure that meet the conditions.
    `sums`: materialised sums of every measure; None once anything but department and year is filtered.
    `scopes`: appearances that the rows are restricted to, such as those of an area.
    `has_lines_only`: whether rows of projects are left out, since a condition on lines is set.
    `whole_year`: the year while nothing else is filtered, so that compiled queries serve; otherwise None.
    """

    measure: Measure
    given: BudgetRowQuerySet
    sums: models.QuerySet[BudgetSum] | None
    scopes: tuple[AppearanceQuerySet, ...] = ()
    has_lines_only: bool = False
    whole_year: int | None = None

    @classmethod
    def of(cls, fiscal_year: int | None, measure: Measure) -> BudgetRows:
        """Return the rows of a measure in a fiscal year; None: in all years."""
        of_year = Q() if fiscal_year is None else Q(fiscal_year=fiscal_year)
        sums = BudgetSum.objects.filter(of_year)
        return cls(measure, BudgetRow.objects.filter(of_year), sums, whole_year=fiscal_year)

    def within(self, scope: AppearanceQuerySet) -> BudgetRows:
        """Keep rows that the appearances refer to, such as those of an area or of a Sakigake project."""
        return replace(self, scopes=(*self.scopes, scope), sums=None, whole_year=None)

    def filter(self, *conditions: Q, **lookups: Any) -> BudgetRows:
        """Filter by fields that lines and projects share, as `QuerySet.filter` does."""
        condition = Q(*conditions, **lookups)
        is_summed = self.sums is not None and collect_condition_fields(condition) <= SUMMED_FIELDS
        sums = self.sums.filter(condition) if self.sums is not None and is_summed else None
        return replace(self, given=self.given.filter(condition), sums=sums, whole_year=None)

    def filter_lines(self, condition: Q) -> BudgetRows:
        """Filter by fields of lines alone; rows without an amount have no stage, kind or amount and drop out."""
        given = self.given.of_lines().filter(condition)
        return replace(self, given=given, sums=None, has_lines_only=True, whole_year=None)

    @property
    def table(self) -> BudgetRowQuerySet:
        """The rows of the table, with an amount and without."""
        if not self.scopes:
            return self.given.of_measure(self.measure)
        # A project without an amount in this scope may have one outside it, so the measure's column does not tell.
        rows = self.addends.order_by().values("pk").union(self.unstated.order_by().values("pk"), all=True)
        return BudgetRow.objects.filter(pk__in=rows)

    @property
    def addends(self) -> BudgetRowQuerySet:
        """The rows that state an amount."""
        return self.restrict(self.given.of_lines().of_measure(self.measure))

    @property
    def unstated(self) -> BudgetRowQuerySet:
        """The rows of the projects that state no amount of this measure in the year (記載なし)."""
        if self.has_lines_only or not self.measure.lists_unstated:
            return BudgetRow.objects.none()
        unstated: BudgetRowQuerySet = self.projects.filter(states_amount=False)
        return unstated

    @property
    def projects(self) -> Any:
        """The rows of projects, each with `states_amount`: whether any addend in the scopes is its."""
        rows = self.given.of_projects()
        for scope in self.scopes:
            of_project = scope.filter(project=OuterRef("project"), fiscal_year=OuterRef("fiscal_year"))
            # Filtering by project first lets the planner go from appearances to rows instead of scanning all rows.
            rows = rows.filter(project__in=scope.order_by().values("project")).filter(Exists(of_project))
        return rows.annotate(states_amount=self.states_amount)

    @property
    def states_amount(self) -> Any:
        if not self.measure.lists_unstated:
            return Value(True)
        if not self.scopes:
            return ExpressionWrapper(~Q(**{self.measure.column: True}), BooleanField())
        of_project = Q(project=OuterRef("project"), fiscal_year=OuterRef("fiscal_year"))
        addends = BudgetRow.objects.filter(of_project).of_lines().of_measure(self.measure)
        return Exists(self.restrict(addends))

    def restrict(self, rows: BudgetRowQuerySet) -> BudgetRowQuerySet:
        """Restrict rows of lines to those that the scopes refer to."""
        for scope in self.scopes:
            rows = rows.pointed_at_by(scope)
        return rows

    def find_projects(self, appearances: AppearanceQuerySet) -> models.QuerySet[Any, tuple[Any, bool]]:
        """Select those of the projects that appear, each with whether it states an amount; for rows of one year."""
        of_appearances = self.projects.filter(project__in=appearances.order_by().values("project"))
        projects: models.QuerySet[Any, tuple[Any, bool]] = of_appearances.values_list("project_id", "states_amount")
        return projects


def collect_condition_fields(condition: Q) -> set[str]:
    """Return the names of the fields that a condition refers to; "" stands for an expression."""
    found: set[str] = set()
    for child in condition.children:
        match child:
            case Q():
                found |= collect_condition_fields(child)
            case (str(lookup), _):
                found.add(lookup.split("__")[0])
            case _:
                found.add("")  # an expression may refer to any field
    return found
