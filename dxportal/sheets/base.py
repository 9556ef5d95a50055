"""Base of a diff: the sheet as the catalogue would write it, and the rows that its cells may refer to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db import models

from budgets.models import BudgetLine, Stage
from catalog.models import Countermeasure, Department
from dxportal.planfiles.identity import identity
from dxportal.sheets.cells import folded
from dxportal.sheets.sheets import Sheet, keyed
from dxportal.tables.columns import TableRow
from projects.models import AmountKind, Nature, Project, ProjectPart, SakigakeProject

Place = tuple[UUID, UUID | None, UUID, str]  # project, part or None, stage, kind: unique within a year
Meant = TypeVar("Meant")
ByWord = Mapping[str, Sequence[Meant]]  # candidates by folded word; several if the word is ambiguous


@dataclass(frozen=True)
class Base:
    """Rows and budget lines of the projects that a file names, in its year, and lookup tables for its cells."""

    sheet: Sheet
    rows: Mapping[str, TableRow]  # by row key; by project code for a project without an amount
    lines: Mapping[str, BudgetLine]  # by row key, of all departments
    departments: ByWord[Department]  # by code
    projects: Mapping[str, Project]  # by code
    taken_identities: Collection[UUID]  # primary keys, derived from the file's unknown codes, that are in use
    parts: Mapping[UUID, ByWord[ProjectPart]]  # by project, then by code and name
    stages: ByWord[Stage]
    kinds: ByWord[str]
    natures: ByWord[str]
    countermeasures: ByWord[Countermeasure]
    sakigake: ByWord[SakigakeProject]

    @classmethod
    def of(cls, sheet: Sheet, codes: Collection[str]) -> Base:
        """Read the base of a file with these folded project codes, in ten queries, however large the year."""
        departments, stages = each_by_pk(Department.objects.all()), each_by_pk(Stage.objects.all())
        projects = each_by_pk(Project.objects.filter(code__in=codes))
        parts = each_by_pk(ProjectPart.objects.filter(project__in=projects))
        unknown = set(codes) - {project.code for project in projects.values()}
        derived = [identity(Project, code) for code in unknown]
        for project in projects.values():
            project.department = departments[project.department_id]
        lines = list(keyed(BudgetLine.objects.for_year(sheet.year).filter(project__in=projects)))
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
            {row["key"] or row["project_code"]: row for row in sheet.rows_of(projects)},
            {line.line_key: line for line in lines},
            by_word((department, [department.code]) for department in departments.values()),
            {project.code: project for project in projects.values()},
            set(Project.objects.filter(pk__in=derived).values_list("pk", flat=True)),
            {project: by_word((part, [part.code, part.name]) for part in own) for project, own in of_projects.items()},
            by_word((stage, [stage.code, stage.name]) for stage in stages.values()),
            named(AmountKind),
            named(Nature),
            by_word((measure, [measure.code]) for measure in measures),
            by_word((project, [str(project.number)]) for project in numbers),
        )


def each_by_pk(rows: models.QuerySet[Any]) -> dict[UUID, Any]:
    """Return rows by primary key, in their order, so that references can share the objects."""
    return {row.pk: row for row in rows}


def by_word(rows: Iterable[tuple[Meant, Iterable[str]]]) -> dict[str, list[Meant]]:
    """Index (row, words) pairs by folded word; rows that share a word are all kept under it."""
    found: dict[str, list[Meant]] = defaultdict(list)
    for row, words in rows:
        for word in dict.fromkeys(map(folded, words)):
            found[word].append(row)
    return dict(found)


def named(choices: type[AmountKind] | type[Nature]) -> dict[str, list[str]]:
    """Index the values of an enumeration by value and by label."""
    return by_word((one.value, [one.value, str(one.label)]) for one in choices)


def place_of(line: BudgetLine) -> Place:
    return line.project_id, line.part_id, line.stage_id, line.kind
