"""Edits that the rows of a filled-in sheet ask for, with parsed values."""

from __future__ import annotations

from dataclasses import dataclass, field

from budgets.models import BudgetLine, ChangeReason
from catalog.models import Countermeasure, Department
from dxportal.sheets.parse_cells import CLEARED, Cleared
from dxportal.sheets.parsed_file import SheetProblem
from projects.models import Project, SakigakeProject


@dataclass(frozen=True)
class LineEdit:
    """Budget line with a row's values. `row` is the file's row; `key` the row key, empty for a new line."""

    row: int
    key: str
    line: BudgetLine

    @property
    def is_cleared(self) -> bool:
        """Whether the amount is set to 記載なし, which deletes the line."""
        amount: int | Cleared = self.line.amount_thousand_yen
        return amount is CLEARED


@dataclass(frozen=True)
class ReasonEdit:
    """Reason for a project's change, with the text of a sheet; `is_cleared` if it is set to 記載なし."""

    reason: ChangeReason
    is_new: bool
    is_cleared: bool


@dataclass(frozen=True)
class NewAppearance:
    """New appearance of a project in the sheet's year, under a countermeasure or a Sakigake project."""

    project: Project
    department: Department
    parent: Countermeasure | SakigakeProject


@dataclass
class SheetEdits:
    """Result of parsing a file: its edits, its problems, and the number of its rows."""

    lines: list[LineEdit] = field(default_factory=list)
    projects: dict[str, Project] = field(default_factory=dict)  # new projects by code
    appearances: list[NewAppearance] = field(default_factory=list)
    reasons: list[ReasonEdit] = field(default_factory=list)
    problems: list[SheetProblem] = field(default_factory=list)
    rows: int = 0
