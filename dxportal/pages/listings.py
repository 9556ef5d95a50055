"""Appearances as a page shows them: in printed order, beside their amounts and where else their projects appear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from budgets.models import BudgetLine
from budgets.models.lines import lines_of
from projects.models import Appearance
from projects.models.appearances import AppearanceQuerySet

PLACE = ("countermeasure__goal__domain", "sakigake_project__plan")  # what names the place of an appearance


@dataclass(frozen=True)
class Listed:
    """An appearance, the budget lines it speaks of, and the other places where its project appears."""

    appearance: Appearance
    lines: list[BudgetLine]
    elsewhere: list[Appearance]

    @property
    def names_parts(self) -> bool:
        """Whether the print speaks of parts, so that an amount of the whole has to be called that."""
        return bool(self.appearance.named_parts.all())


@dataclass(frozen=True)
class DepartmentGroup:
    """The appearances under one department heading, as printed."""

    label: str
    rows: list[Listed]


def listed(appearances: AppearanceQuerySet, others: AppearanceQuerySet) -> list[Listed]:
    """The appearances with their amounts, and with those of the others that are of the same project."""
    found = list(appearances.select_related("project", "document").prefetch_related("named_parts").in_printed_order())
    projects = {row.project_id for row in found}
    lines = BudgetLine.objects.filter(project__in=projects).select_related("part", "document").in_order()
    elsewhere = defaultdict(list)
    others = others.filter(project__in=projects).select_related(*PLACE)
    for other in others.in_printed_order():
        elsewhere[other.project_id].append(other)
    return [
        Listed(appearance, own, elsewhere[appearance.project_id]) for appearance, own in lines_of(found, lines).items()
    ]


def by_department(rows: Iterable[Listed]) -> list[DepartmentGroup]:
    return [
        DepartmentGroup(label, list(members))
        for label, members in groupby(rows, key=lambda row: row.appearance.printed_department)
    ]
