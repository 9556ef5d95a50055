"""What a filled-in sheet is compared with: the sheet as the catalogue would make it, and what its cells may name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models

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
        departments, projects, stages = (each_by_pk(model) for model in (Department, Project, Stage))
        parts = each_by_pk(ProjectPart)
        for project in projects.values():
            project.department = departments[project.department_id]
        lines = list(keyed(BudgetLine.objects.for_year(sheet.year)))
        for line in lines:
            line.project, line.stage = projects[line.project_id], stages[line.stage_id]
            line.part, line.department = parts.get(line.part_id), departments[line.department_id]
        of_projects: dict[UUID, dict[str, ProjectPart]] = defaultdict(dict)
        for part in sorted(parts.values(), key=lambda part: -part.position):  # of two with one name the first is meant
            of_projects[part.project_id] |= {folded(part.name): part, folded(part.code): part}
        measures: Any = Countermeasure.objects.current().select_related("plan", "document")
        numbers: Any = SakigakeProject.objects.current().select_related("plan", "document")
        return cls(
            sheet,
            {row["key"] or row["project_code"]: row for row in sheet},
            {line.line_key: line for line in lines},
            {folded(department.code): department for department in departments.values()},
            {folded(project.code): project for project in projects.values()},
            of_projects,
            {folded(word): stage for stage in stages.values() for word in (stage.code, stage.name)},
            named(Kind),
            named(Nature),
            {folded(measure.code): measure for measure in measures},
            {str(project.number): project for project in numbers},
        )


def each_by_pk(model: type[models.Model]) -> dict[UUID, Any]:
    """All rows of a table in their order; what refers to them shares these objects."""
    return {row.pk: row for row in model._default_manager.all()}


def named(choices: type[Kind] | type[Nature]) -> dict[str, str]:
    """The values of choices by value and by word."""
    return {folded(word): one.value for one in choices for word in (one.value, str(one.label))}


def place_of(line: BudgetLine) -> Place:
    return line.project_id, line.part_id, line.stage_id, line.kind
