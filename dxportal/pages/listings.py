"""Appearances as a page shows them: in printed order, by department heading, beside their amounts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from budgets.models import BudgetLine
from budgets.models.lines import lines_of
from projects.models import Appearance


@dataclass(frozen=True)
class Listed:
    """An appearance beside the budget lines it speaks of."""

    appearance: Appearance
    lines: list[BudgetLine]

    @property
    def names_parts(self) -> bool:
        """Whether the print speaks of parts, so that an amount of the whole has to be called that."""
        return bool(self.appearance.named_parts.all())


@dataclass(frozen=True)
class DepartmentGroup:
    """The appearances under one department heading, as printed."""

    label: str
    rows: list[Listed]


def listed(appearances: Iterable[Appearance], fiscal_year: int) -> list[Listed]:
    """Each appearance of a year with its amounts; one query for the lines of all of them."""
    found = list(appearances)
    projects = {row.project_id for row in found}
    lines = BudgetLine.objects.for_year(fiscal_year).filter(project__in=projects).with_names().in_order()
    return [Listed(appearance, own) for appearance, own in lines_of(found, lines).items()]


def by_department(rows: Iterable[Listed]) -> list[DepartmentGroup]:
    return [
        DepartmentGroup(label, list(members))
        for label, members in groupby(rows, key=lambda row: row.appearance.printed_department)
    ]
