"""The rows of a budget table: lines, and for a project that states no amount the place where it says so."""

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

SUMMED_BY = {"fiscal_year", "department"}


@dataclass(frozen=True)
class BudgetRows:
    """Budget lines, and of each project without any its first appearance of the year; nothing is read yet.

    Both models call project, fiscal year, department, document and page by the same names: a condition on these
    narrows both. Every row belongs to one department and one year, so splitting by these never changes a sum.

    `spoken_of`: the lines of the years and scopes, before any condition; `lines`: those that are rows;
    `mention` gives the first appearance of each project and year in the scopes, with or without an amount;
    `arranged`: the same rows in their order, `first`: the first appearances there, as long as no scope is asked for;
    `sums`: what the rows come to, as long as nothing but departments and years is; `whole_year`: the year, as long as
    nothing else is, so that what is asked of it is always the same.
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
        """The rows of a year, or of all years."""
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
        """Rows of which a set of appearances speaks: those of an area, those of a Sakigake project."""
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
        """Rows for which conditions on what lines and appearances have in common hold, as querysets take them."""
        condition = Q(*conditions, **lookups)
        return self.narrowed(lambda: self.mentioned.filter(condition), condition)

    def filter_lines(self, condition: Q) -> BudgetRows:
        """Lines for which a condition holds; what states no amount has no stage, kind or amount and is left out."""
        return self.narrowed(Appearance.objects.none, condition, line__isnull=False)

    def narrowed(self, mention: Callable[[], AppearanceQuerySet], condition: Q, **only: bool) -> BudgetRows:
        arranged, first = (
            None if rows is None else rows.filter(condition, **only) for rows in (self.arranged, self.first)
        )
        is_summed = self.sums is not None and not only and fields_of(condition) <= SUMMED_BY
        sums = self.sums.filter(condition) if self.sums is not None and is_summed else None
        lines = self.lines.filter(condition)
        return BudgetRows(self.spoken_of, lines, mention, arranged, first, sums)

    @property
    def mentioned(self) -> AppearanceQuerySet:
        return self.mention()

    @property
    def table(self) -> BudgetRowQuerySet:
        """The rows as they stand in the table: the amounts, and what states none."""
        if self.arranged is not None:
            return self.arranged
        # What is silent in a scope may state an amount elsewhere, so the rows of a scope are found by what they are of.
        of_lines = BudgetRow.objects.filter(line__in=self.lines.order_by().values("pk"))
        silent = BudgetRow.objects.filter(appearance__in=self.silent.order_by().values("pk"))
        return BudgetRow.objects.filter(pk__in=of_lines.values("pk").union(silent.values("pk"), all=True))

    def mentions(self) -> dict[Any, bool]:
        """Each project that is mentioned, and whether it states an amount in the year; one query, of one year."""
        if self.first is not None:
            first = first_in(self.whole_year) if self.whole_year else self.first.values_list("project_id", "is_listed")
            return {project: not listed for project, listed in first}
        mentions = self.mentioned.annotate(says=self.states_amount).values_list("project_id", "says")
        return dict(mentions)

    @property
    def silent(self) -> AppearanceQuerySet:
        """The first appearances of the projects that state no amount in the year."""
        return self.mentioned.filter(~self.states_amount)

    @property
    def states_amount(self) -> Exists:
        """Of an appearance: whether its project states an amount in the year."""
        return Exists(self.spoken_of.filter(project=OuterRef("project"), fiscal_year=OuterRef("fiscal_year")))


def fields_of(condition: Q) -> set[str]:
    """The fields of a row that a condition asks for."""
    found: set[str] = set()
    for child in condition.children:
        match child:
            case Q():
                found |= fields_of(child)
            case (str(lookup), _):
                found.add(lookup.split("__")[0])
            case _:
                found.add("")  # an expression can ask for anything
    return found


@compiled_query
def first_in(fiscal_year: int) -> models.QuerySet[BudgetRow, tuple[Any, bool]]:
    rows = BudgetRow.objects.for_year(fiscal_year).first_appearances()
    return rows.values_list("project_id", "is_listed")
