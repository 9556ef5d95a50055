"""Lazy querysets for the rows of a budget table: budget lines, and first appearances of projects without an amount."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from budgets.models import BudgetLine, BudgetRow, BudgetSum
from budgets.models.lines import BudgetLineQuerySet
from budgets.models.table import BudgetRowQuerySet
from catalog.compiled_queries import compiled_query
from projects.models import Appearance
from projects.models.appearances import AppearanceQuerySet

SUMMED_FIELDS = {"fiscal_year", "department"}


@dataclass(frozen=True)
class BudgetRows:
    """Budget lines, and for each project without one its first appearance of the year; unevaluated.

    Both models name project, fiscal year, department, document and page alike, so one condition filters both. Every row
    belongs to one department and one year, so grouping by these never changes a sum.

    `spoken_of`: lines of the years and scopes before any condition.
    `lines`: the lines that are rows.
    `mention`: a function for the first appearance of each project and year in the scopes, with or without an amount.
    `arranged`, `first`: the same rows and first appearances from the materialised table; None once a scope applies.
    `sums`: materialised sums; None once anything but department and year is filtered.
    `whole_year`: the year while nothing else is filtered, so that compiled queries serve; otherwise None.
    """

    spoken_of: BudgetLineQuerySet
    lines: BudgetLineQuerySet
    mention: Callable[[], AppearanceQuerySet]
    arranged: BudgetRowQuerySet | None
    first: BudgetRowQuerySet | None
    sums: models.QuerySet[BudgetSum] | None
    whole_year: int | None = None

    @classmethod
    def of(cls, fiscal_year: int | None) -> BudgetRows:
        """Return the rows of a fiscal year; None: of all years."""
        of_year = Q() if fiscal_year is None else Q(fiscal_year=fiscal_year)
        lines = BudgetLine.objects.filter(of_year)
        rows = BudgetRow.objects.filter(of_year)

        def mention() -> AppearanceQuerySet:
            return Appearance.objects.current().filter(of_year).first_of_each_project()

        return cls(
            lines,
            lines,
            mention,
            rows.listed(),
            rows.first_appearances(),
            BudgetSum.objects.filter(of_year),
            fiscal_year,
        )

    def within(self, scope: AppearanceQuerySet) -> BudgetRows:
        """Keep rows that the appearances refer to, such as those of an area or of a Sakigake project."""
        of_project = scope.filter(project=OuterRef("project"), fiscal_year=OuterRef("fiscal_year"))
        return BudgetRows(
            self.spoken_of.pointed_at_by(scope),
            self.lines.pointed_at_by(scope),
            lambda: self.mentioned.filter(Exists(of_project)),
            None,
            None,
            None,
        )

    def filter(self, *conditions: Q, **lookups: Any) -> BudgetRows:
        """Filter by fields that lines and appearances share, as `QuerySet.filter` does."""
        condition = Q(*conditions, **lookups)
        return self.narrowed(lambda: self.mentioned.filter(condition), condition)

    def filter_lines(self, condition: Q) -> BudgetRows:
        """Filter by fields of lines alone; rows without an amount have no stage, kind or amount and drop out."""
        return self.narrowed(Appearance.objects.none, condition, line__isnull=False)

    def narrowed(self, mention: Callable[[], AppearanceQuerySet], condition: Q, **only: bool) -> BudgetRows:
        arranged, first = (
            None if rows is None else rows.filter(condition, **only) for rows in (self.arranged, self.first)
        )
        is_summed = self.sums is not None and not only and collect_condition_fields(condition) <= SUMMED_FIELDS
        sums = self.sums.filter(condition) if self.sums is not None and is_summed else None
        lines = self.lines.filter(condition)
        return BudgetRows(self.spoken_of, lines, mention, arranged, first, sums)

    @property
    def mentioned(self) -> AppearanceQuerySet:
        return self.mention()

    @property
    def table(self) -> BudgetRowQuerySet:
        """The rows of the table, with an amount and without."""
        if self.arranged is not None:
            return self.arranged
        # A project without an amount in this scope may have one outside it, so `is_listed` does not tell the rows of a
        # scope; they are looked up by line and appearance.
        of_lines = BudgetRow.objects.filter(line__in=self.lines.order_by().values("pk"))
        silent = BudgetRow.objects.filter(appearance__in=self.silent.order_by().values("pk"))
        return BudgetRow.objects.filter(pk__in=of_lines.values("pk").union(silent.values("pk"), all=True))

    def mentions(self) -> dict[Any, bool]:
        """Map each project that appears to whether it states an amount; for rows of one year; one query."""
        if self.first is not None:
            first = (
                read_first_appearances(self.whole_year)
                if self.whole_year
                else self.first.values_list("project_id", "is_listed")
            )
            return {project: not listed for project, listed in first}
        mentions = self.mentioned.annotate(says=self.states_amount).values_list("project_id", "says")
        return dict(mentions)

    @property
    def silent(self) -> AppearanceQuerySet:
        """The first appearances of the projects that state no amount in the year."""
        return self.mentioned.filter(~self.states_amount)

    @property
    def states_amount(self) -> Exists:
        """Subquery on appearances: whether the project states an amount in the year."""
        return Exists(self.spoken_of.filter(project=OuterRef("project"), fiscal_year=OuterRef("fiscal_year")))


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


@compiled_query
def read_first_appearances(fiscal_year: int) -> models.QuerySet[BudgetRow, tuple[Any, bool]]:
    rows = BudgetRow.objects.for_year(fiscal_year).first_appearances()
    return rows.values_list("project_id", "is_listed")
