"""What a filled-in sheet is compared with: the sheet as the catalogue would make it, and what its cells may name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db import models

from budgets.models import BudgetLine, Stage
from catalog.models import Countermeasure, Department
from dxportal.sheets.cells import folded
from dxportal.sheets.sheets import Sheet, keyed
from dxportal.tables.columns import Row
from projects.models import Kind, Nature, Project, ProjectPart, SakigakeProject

Place = tuple[UUID, UUID | None, UUID, str]  # project, part or none, stage, kind: of one year unique
Meant = TypeVar("Meant")
ByWord = Mapping[str, Sequence[Meant]]  # by a folded word all that it may mean


@dataclass(frozen=True)
class Base:
    """Rows of a sheet by key, the lines of its year, and the rows that cells may name, folded; nine queries."""

    sheet: Sheet
    rows: Mapping[str, Row]  # by key; of a project that states no amount by its code
    lines: Mapping[str, BudgetLine]  # by key, those of all departments
    departments: ByWord[Department]  # by code
    projects: Mapping[str, Project]  # by code
    parts: Mapping[UUID, ByWord[ProjectPart]]  # of a project, by code and by name
    stages: ByWord[Stage]
    kinds: ByWord[str]
    natures: ByWord[str]
    countermeasures: ByWord[Countermeasure]
    sakigake: ByWord[SakigakeProject]

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
        of_projects: dict[UUID, list[ProjectPart]] = defaultdict(list)
        for part in parts.values():
            of_projects[part.project_id].append(part)
        measures: Any = Countermeasure.objects.current().select_related("plan", "document")
        numbers: Any = SakigakeProject.objects.current().select_related("plan", "document")
        return cls(
            sheet,
            {row["key"] or row["project_code"]: row for row in sheet},
            {line.line_key: line for line in lines},
            by_word((department, [department.code]) for department in departments.values()),
            {folded(project.code): project for project in projects.values()},
            {project: by_word((part, [part.code, part.name]) for part in own) for project, own in of_projects.items()},
            by_word((stage, [stage.code, stage.name]) for stage in stages.values()),
            named(Kind),
            named(Nature),
            by_word((measure, [measure.code]) for measure in measures),
            by_word((project, [str(project.number)]) for project in numbers),
        )


def each_by_pk(model: type[models.Model]) -> dict[UUID, Any]:
    """All rows of a table in their order; what refers to them shares these objects."""
    return {row.pk: row for row in model._default_manager.all()}


def by_word(rows: Iterable[tuple[Meant, Iterable[str]]]) -> dict[str, list[Meant]]:
    """All rows that each of their words may mean, however it is typed; two under one word are not told apart."""
    found: dict[str, list[Meant]] = defaultdict(list)
    for row, words in rows:
        for word in dict.fromkeys(map(folded, words)):
            found[word].append(row)
    return dict(found)


def named(choices: type[Kind] | type[Nature]) -> dict[str, list[str]]:
    """The values of choices by value and by word."""
    return by_word((one.value, [one.value, str(one.label)]) for one in choices)


def place_of(line: BudgetLine) -> Place:
    return line.project_id, line.part_id, line.stage_id, line.kind
