"""Appearances as a page shows them: in printed order, beside their amounts and where else their projects appear."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from budgets.models import BudgetLine
from budgets.models.lines import BudgetLineQuerySet, lines_of
from catalog.compiled_queries import compiled_query
from dxportal.public.tree import by_parent
from projects.models import Appearance, NamedPart
from projects.models.appearances import AppearanceQuerySet, with_parts

PLACE = ("countermeasure__goal__domain", "sakigake_project__plan")  # what names the place of an appearance


@dataclass(frozen=True)
class Listed:
    """An appearance, the budget lines it speaks of, and the other places where its project appears."""

    appearance: Appearance
    lines: list[BudgetLine]
    elsewhere: list[Appearance]

    @property
    def countermeasure_id(self) -> Any:
        return self.appearance.countermeasure_id

    @property
    def names_parts(self) -> bool:
        """Whether the print speaks of parts, so that an amount of the whole has to be called that."""
        return bool(self.appearance.parts)


@dataclass(frozen=True)
class DepartmentGroup:
    """The appearances under one department heading, as printed."""

    label: str
    rows: list[Listed]


def listed(goal: UUID, fiscal_year: int) -> list[Listed]:
    """What the countermeasures of a goal list in a year; four queries."""
    found = with_parts(listings_under(goal, fiscal_year), parts_under(goal, fiscal_year))
    elsewhere = by_parent(places_elsewhere(goal, fiscal_year), "project")
    lines = lines_of(found, lines_under(goal, fiscal_year))
    return [Listed(appearance, own, elsewhere[appearance.project_id]) for appearance, own in lines.items()]


def under(goal: UUID, fiscal_year: int) -> AppearanceQuerySet:
    return Appearance.objects.current().for_year(fiscal_year).filter(countermeasure__goal=goal)


@compiled_query
def listings_under(goal: UUID, fiscal_year: int) -> AppearanceQuerySet:
    return under(goal, fiscal_year).select_related("project", "document").in_printed_order()


@compiled_query
def parts_under(goal: UUID, fiscal_year: int) -> QuerySet[NamedPart]:
    return NamedPart.objects.filter(appearance__in=under(goal, fiscal_year))


@compiled_query
def lines_under(goal: UUID, fiscal_year: int) -> BudgetLineQuerySet:
    """Those of more projects would do no harm. PostgreSQL tries no other order of more than eight tables than the one
    they are written in, so that the plan, which the goal is of, is not asked for again.
    """
    there = Appearance.objects.for_year(fiscal_year).filter(countermeasure__goal=goal)
    lines = BudgetLine.objects.for_year(fiscal_year).filter(project__in=there.values("project"))
    return lines.select_related("part", "document").in_order()


@compiled_query
def places_elsewhere(goal: UUID, fiscal_year: int) -> AppearanceQuerySet:
    """Where projects that are listed here appear beside."""
    own = under(goal, fiscal_year)
    others = Appearance.objects.current().for_year(fiscal_year).exclude(pk__in=own.values("pk"))
    return others.filter(project__in=own.values("project")).select_related(*PLACE).in_printed_order()


def by_department(rows: Iterable[Listed]) -> list[DepartmentGroup]:
    return [
        DepartmentGroup(label, list(members))
        for label, members in groupby(rows, key=lambda row: row.appearance.printed_department)
    ]
