"""Appearances in printed order, with their amounts and the other appearances of their projects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from budgets.models import BudgetRow, Measure
from budgets.models.lines import lines_of
from budgets.models.table import BudgetRowQuerySet
from catalog.compiled_queries import compiled_query
from dxportal.public.tree import by_parent
from projects.models import Appearance, NamedPart
from projects.models.appearances import AppearanceQuerySet, with_parts

APPEARANCE_PARENTS = ("countermeasure__goal__domain", "sakigake_project__plan")  # relations to join


@dataclass(frozen=True)
class ListedAppearance:
    """An appearance, the addends that it refers to, and the other appearances of its project."""

    appearance: Appearance
    lines: list[BudgetRow]
    other_appearances: list[Appearance]

    @property
    def countermeasure_id(self) -> Any:
        return self.appearance.countermeasure_id

    @property
    def has_stages(self) -> bool:
        """Whether the amounts are of several stages, so that each must be labelled as such."""
        return len({line.stage_id for line in self.lines}) > 1

    @property
    def has_parts(self) -> bool:
        """Whether the paper names parts, so that an amount of the whole project must be labelled as such."""
        return bool(self.appearance.parts)


@dataclass(frozen=True)
class DepartmentGroup:
    """The appearances under one department heading, as printed."""

    label: str
    rows: list[ListedAppearance]


def listed_appearances(goal: UUID, fiscal_year: int, measure: Measure) -> list[ListedAppearance]:
    """List the appearances under the countermeasures of a goal in a year, with addends of a measure; four queries."""
    appearances = with_parts(listings_under(goal, fiscal_year), parts_under(goal, fiscal_year))
    others_by_project = by_parent(other_appearances(goal, fiscal_year), "project")
    lines = lines_of(appearances, lines_under(goal, fiscal_year, measure))
    return [
        ListedAppearance(appearance, own_lines, others_by_project[appearance.project_id])
        for appearance, own_lines in lines.items()
    ]


def appearances_under(goal: UUID, fiscal_year: int) -> AppearanceQuerySet:
    return Appearance.objects.current().for_year(fiscal_year).filter(countermeasure__goal=goal)


@compiled_query
def listings_under(goal: UUID, fiscal_year: int) -> AppearanceQuerySet:
    return appearances_under(goal, fiscal_year).select_related("project", "document").in_printed_order()


@compiled_query
def parts_under(goal: UUID, fiscal_year: int) -> QuerySet[NamedPart]:
    return NamedPart.objects.filter(appearance__in=appearances_under(goal, fiscal_year))


@compiled_query
def lines_under(goal: UUID, fiscal_year: int, measure: Measure) -> BudgetRowQuerySet:
    """Select the addends of a measure of the projects listed under a goal.

    Joins six tables, for which the rows in display order serve: beyond eight (join_collapse_limit) PostgreSQL keeps the
    written join order. Lines of other projects would do no harm.
    """
    appearances = Appearance.objects.for_year(fiscal_year).filter(countermeasure__goal=goal)
    addends = BudgetRow.objects.for_year(fiscal_year).of_measure(measure).of_lines()
    addends = addends.filter(project__in=appearances.values("project"))
    return addends.select_related("part", "stage", "document").in_order()


@compiled_query
def other_appearances(goal: UUID, fiscal_year: int) -> AppearanceQuerySet:
    """Select the appearances under other parents of the projects that are listed under the goal."""
    listed = appearances_under(goal, fiscal_year)
    unlisted = Appearance.objects.current().for_year(fiscal_year).exclude(pk__in=listed.values("pk"))
    return unlisted.filter(project__in=listed.values("project")).select_related(*APPEARANCE_PARENTS).in_printed_order()


def group_by_heading(rows: Iterable[ListedAppearance]) -> list[DepartmentGroup]:
    return [
        DepartmentGroup(label, list(members))
        for label, members in groupby(rows, key=lambda row: row.appearance.printed_department)
    ]
