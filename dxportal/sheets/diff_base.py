"""Base of a diff: the sheet as the catalogue would write it, and the rows that its cells may refer to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db import models

from budgets.models import BudgetLine, ChangeReason, Stage
from catalog.models import Countermeasure, Department
from dxportal.planfiles.primary_keys import derive_primary_key
from dxportal.sheets.budget_sheet import BudgetSheet, annotate_row_keys
from dxportal.sheets.parsed_file import fold_cell
from dxportal.tables.columns import TableRow
from projects.models import AmountKind, Nature, Project, ProjectPart, SakigakeProject

UniqueLineKey = tuple[UUID, UUID | None, UUID, str]  # project, part or None, stage, kind: unique within a year
Candidate = TypeVar("Candidate")
CandidatesByWord = Mapping[str, Sequence[Candidate]]  # candidates by folded word; several if the word is ambiguous


@dataclass(frozen=True)
class DiffBase:
    """Rows and budget lines of the projects that a file names, in its year, and lookup tables for its cells."""

    sheet: BudgetSheet
    rows: Mapping[str, TableRow]  # by row key; by project code for a project without an amount
    lines: Mapping[str, BudgetLine]  # by row key, of all departments
    departments: CandidatesByWord[Department]  # by code
    projects: Mapping[str, Project]  # by code
    projects_by_name: CandidatesByWord[Project]
    taken_identities: Collection[UUID]  # primary keys, derived from the file's unknown codes, that are in use
    reasons: Mapping[UUID, ChangeReason]  # by project; those of the change from the sheet's base year
    parts: Mapping[UUID, CandidatesByWord[ProjectPart]]  # by project, then by code and name
    stages: CandidatesByWord[Stage]
    kinds: CandidatesByWord[str]
    natures: CandidatesByWord[str]
    countermeasures: CandidatesByWord[Countermeasure]
    sakigake: CandidatesByWord[SakigakeProject]

    @classmethod
    def of(cls, sheet: BudgetSheet, codes: Collection[str]) -> DiffBase:
        """Read the base of a file with these folded project codes, in a dozen queries, however large the year."""
        departments, stages = index_by_pk(Department.objects.all()), index_by_pk(Stage.objects.all())
        projects = index_by_pk(Project.objects.filter(code__in=codes))
        parts = index_by_pk(ProjectPart.objects.filter(project__in=projects))
        unknown = set(codes) - {project.code for project in projects.values()}
        derived = [derive_primary_key(Project, code) for code in unknown]
        for project in projects.values():
            project.department = departments[project.department_id]
        lines = list(annotate_row_keys(BudgetLine.objects.for_year(sheet.year).filter(project__in=projects)))
        for line in lines:
            line.project, line.stage = projects[line.project_id], stages[line.stage_id]
            line.part, line.department = parts.get(line.part_id), departments[line.department_id]
        reasons = ChangeReason.objects.between(sheet.base_year, sheet.year).filter(project__in=projects)
        parts_by_project: dict[UUID, list[ProjectPart]] = defaultdict(list)
        for part in parts.values():
            parts_by_project[part.project_id].append(part)
        measures: Any = Countermeasure.objects.current().select_related("plan", "document")
        numbers: Any = SakigakeProject.objects.current().select_related("plan", "document")
        return cls(
            sheet,
            {row["key"] or row["project_code"]: row for row in sheet.rows_of_projects(projects)},
            {line.line_key: line for line in lines},
            index_by_word((department, [department.code]) for department in departments.values()),
            {project.code: project for project in projects.values()},
            index_by_word((project, [project.name]) for project in projects.values()),
            set(Project.objects.filter(pk__in=derived).values_list("pk", flat=True)),
            {reason.project_id: reason for reason in reasons},
            {
                project: index_by_word((part, [part.code, part.name]) for part in project_parts)
                for project, project_parts in parts_by_project.items()
            },
            index_by_word((stage, [stage.code, stage.name]) for stage in stages.values()),
            index_choices(AmountKind),
            index_choices(Nature),
            index_by_word((measure, [measure.code]) for measure in measures),
            index_by_word((project, [str(project.number)]) for project in numbers),
        )


def index_by_pk(rows: models.QuerySet[Any]) -> dict[UUID, Any]:
    """Return rows by primary key, in their order, so that references can share the objects."""
    return {row.pk: row for row in rows}


def index_by_word(rows: Iterable[tuple[Candidate, Iterable[str]]]) -> dict[str, list[Candidate]]:
    """Index (row, words) pairs by folded word; rows that share a word are all kept under it."""
    index: dict[str, list[Candidate]] = defaultdict(list)
    for row, words in rows:
        for word in dict.fromkeys(map(fold_cell, words)):
            index[word].append(row)
    return dict(index)


def index_choices(choices: type[AmountKind] | type[Nature]) -> dict[str, list[str]]:
    """Index the values of an enumeration by value and by label."""
    return index_by_word((choice.value, [choice.value, str(choice.label)]) for choice in choices)


def unique_line_key(line: BudgetLine) -> UniqueLineKey:
    return line.project_id, line.part_id, line.stage_id, line.kind
