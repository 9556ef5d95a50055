"""What the rows of a filled-in sheet ask for, once their cells are understood."""

from __future__ import annotations

from dataclasses import dataclass, field

from budgets.models import Stage
from catalog.models import Countermeasure, Department
from dxportal.sheets.cells import Problem
from dxportal.sheets.parse_cells import Cleared
from projects.models import Project, ProjectPart, SakigakeProject


@dataclass(frozen=True)
class NewProject:
    """A project that the bureau's sheet adds; it has a code of its own, and no identity yet."""

    code: str
    name: str
    kana: str
    nature: str
    department: Department


@dataclass(frozen=True)
class Edit:
    """What one row asks for. `key` names the line it changes; `amount` is None where only other fields change.

    `listed_under` are the places of print under which the project is to appear in the year.
    """

    row: int
    key: str
    project: Project | NewProject
    part: ProjectPart | None = None
    stage: Stage | None = None
    kind: str = ""
    amount: int | Cleared | None = None
    note: str = ""
    department: Department | None = None
    listed_under: tuple[Countermeasure | SakigakeProject, ...] = ()

    @property
    def is_of_line(self) -> bool:
        return bool(self.key) or self.amount is not None


@dataclass
class Understood:
    """All that a file asks for, and all that is wrong with it."""

    edits: list[Edit] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0
