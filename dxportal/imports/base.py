"""What a filled-in sheet is compared with: the sheet as the catalogue would make it, and what its cells may name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from budgets.models import BudgetLine, Stage
from catalog.models import Countermeasure, Department
from dxportal.exports.columns import Row
from dxportal.imports.cells import folded
from dxportal.imports.sheets import Sheet, keyed
from projects.models import Kind, Nature, Project, ProjectPart, SakigakeProject

Place = tuple[UUID, UUID | None, UUID, str]  # project, part or none, stage, kind: of one year unique


@dataclass(frozen=True)
class Base:
    """Rows of a sheet by key, the lines of its year, and the rows that cells may name, folded; nine queries."""

    sheet: Sheet
    rows: Mapping[str, Row]  # by key; of a project that states no amount by its code
    lines: Mapping[str, BudgetLine]  # by key, those of all departments
    departments: Mapping[str, Department]  # by code
    projects: Mapping[str, Project]  # by code
    parts: Mapping[UUID, Mapping[str, ProjectPart]]  # of a project, by code and by name
    stages: Mapping[str, Stage]
    kinds: Mapping[str, str]
    natures: Mapping[str, str]
    countermeasures: Mapping[str, Countermeasure]
    sakigake: Mapping[str, SakigakeProject]

    @classmethod
    def of(cls, sheet: Sheet) -> Base:
        lines = keyed(BudgetLine.objects.for_year(sheet.year)).select_related("project", "part", "stage", "department")
        parts: dict[UUID, dict[str, ProjectPart]] = defaultdict(dict)
        for part in ProjectPart.objects.order_by("-position"):  # of two with one name the first is meant
            parts[part.project_id] |= {folded(part.name): part, folded(part.code): part}
        measures: Any = Countermeasure.objects.current().select_related("plan", "document")
        numbers: Any = SakigakeProject.objects.current().select_related("plan", "document")
        return cls(
            sheet,
            {row["key"] or row["project_code"]: row for row in sheet},
            {line.line_key: line for line in lines},
            {folded(department.code): department for department in Department.objects.all()},
            {folded(project.code): project for project in Project.objects.select_related("department")},
            parts,
            {folded(word): stage for stage in Stage.objects.all() for word in (stage.code, stage.name)},
            named(Kind),
            named(Nature),
            {folded(measure.code): measure for measure in measures},
            {str(project.number): project for project in numbers},
        )


def named(choices: type[Kind] | type[Nature]) -> dict[str, str]:
    """The values of choices by value and by word."""
    return {folded(word): one.value for one in choices for word in (one.value, str(one.label))}


def place_of(line: BudgetLine) -> Place:
    return line.project_id, line.part_id, line.stage_id, line.kind
