"""What the rows of a filled-in sheet ask for, once their cells are understood."""

from __future__ import annotations

from dataclasses import dataclass, field

from budgets.models import BudgetLine
from catalog.models import Countermeasure, Department
from dxportal.sheets.cells import Problem
from dxportal.sheets.parse_cells import CLEARED, Cleared
from projects.models import Project, SakigakeProject


@dataclass(frozen=True)
class LineEdit:
    """A line as a row says it shall be. `key` names the line it was; there is none of a line that is added."""

    row: int
    key: str
    line: BudgetLine

    @property
    def is_cleared(self) -> bool:
        """Whether the amount is no longer stated, so that the line goes."""
        amount: int | Cleared = self.line.amount_thousand_yen
        return amount is CLEARED


@dataclass(frozen=True)
class Listing:
    """A project that is to appear in the year, under a countermeasure or a Sakigake project."""

    project: Project
    department: Department
    parent: Countermeasure | SakigakeProject


@dataclass
class Understood:
    """All that a file asks for, and all that is wrong with it."""

    lines: list[LineEdit] = field(default_factory=list)
    projects: dict[str, Project] = field(default_factory=dict)  # that are new, by code
    listings: list[Listing] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0
