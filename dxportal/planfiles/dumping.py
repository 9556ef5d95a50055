"""From the catalogue back to a folder: the same files that were loaded, byte for byte."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any, cast

import yaml
from django.db.models import F

from budgets.models import BudgetLine, Stage
from catalog.models import Department, Plan, Term
from dxportal.planfiles import schema
from dxportal.planfiles.documents import Documents
from dxportal.planfiles.raw import DEPARTMENTS, PLAN, PROJECTS, STAGES, TERMS
from dxportal.planfiles.reading import Folder
from projects.models import Project


def dump(path: Path) -> list[str]:
    """Write the catalogue to a folder and return the names of its files.

    Files of documents that the catalogue no longer has are removed; anything else there is left alone.
    Raises Plan.DoesNotExist while the catalogue is empty.
    """
    files = files_of(folder_of_catalogue())
    path.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (path / f"{name}.new").write_text(as_yaml(data), encoding="utf-8", newline="\n")
    for name in files:  # only when all are written: a dump that breaks off leaves the old files
        (path / f"{name}.new").replace(path / name)
    for stale in path.glob("document-*.yaml"):
        if stale.name not in files:
            stale.unlink()
    return list(files)


def as_yaml(data: Any) -> str:
    """YAML with one line for each value, however long, so that a diff shows what changed."""
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=float("inf"))


def files_of(folder: Folder) -> dict[str, Any]:
    """The plain content of each file of a folder, by name."""
    files: dict[str, Any] = with_plain_line_ends(
        {
            PLAN: folder.plan.as_plain(),
            DEPARTMENTS: [row.as_plain() for row in folder.departments],
            STAGES: [row.as_plain() for row in folder.stages],
            PROJECTS: [row.as_plain() for row in folder.projects],
            TERMS: [row.as_plain() for row in folder.terms],
            **{f"document-{document.number}.yaml": document.as_plain() for document in folder.documents},
        }
    )
    return files


def with_plain_line_ends(data: Any) -> Any:
    """Forms send CR LF; files hold LF."""
    if isinstance(data, dict):
        return {key: with_plain_line_ends(value) for key, value in data.items()}
    if isinstance(data, list):
        return [with_plain_line_ends(value) for value in data]
    return data.replace("\r\n", "\n") if isinstance(data, str) else data


def folder_of_catalogue() -> Folder:
    """The catalogue as a folder, in about twenty queries whatever its size."""
    plan = Plan.objects.get(is_current=True)
    return Folder(
        plan=schema.PlanFile.model_construct(**{name: getattr(plan, name) for name in schema.PlanFile.model_fields}),
        departments=departments(),
        stages=[
            schema.StageRow.model_construct(
                code=stage.code,
                name=stage.name,
                combined=stage.is_combined,
                editorial_note=stage.editorial_note,
            )
            for stage in Stage.objects.all()
        ],
        projects=projects(),
        terms=terms(),
        documents=Documents(plan).every(),
    )


def departments() -> list[schema.DepartmentRow]:
    return [
        schema.DepartmentRow.model_construct(
            code=department.code,
            name=department.name,
            aliases=[alias.label for alias in department.aliases.all()],
            contact=department.contact,
            editorial_note=department.editorial_note,
        )
        for department in Department.objects.prefetch_related("aliases")
    ]


def terms() -> list[schema.TermRow]:
    return [
        schema.TermRow.model_construct(
            code=term.code,
            words=[word.text for word in term.words.all() if not word.is_reading],
            readings=[word.text for word in term.words.all() if word.is_reading],
            editorial_note=term.editorial_note,
        )
        for term in Term.objects.prefetch_related("words")
    ]


def projects() -> list[schema.ProjectRow]:
    lines = defaultdict(list)
    for line in BudgetLine.objects.with_names().order_by(
        "fiscal_year", "stage__position", "kind", F("part__position").asc(nulls_first=True)
    ):
        lines[line.project_id].append(line)
    return [
        schema.ProjectRow.model_construct(
            code=project.code,
            name=project.name,
            kana=project.kana,
            nature=cast(Any, project.nature),
            department=project.department.code,
            editorial_note=project.editorial_note,
            parts=[schema.PartRow.model_construct(code=part.code, name=part.name) for part in project.parts.all()],
            budget_lines=[
                schema.BudgetLineRow.model_construct(
                    fiscal_year=line.fiscal_year,
                    stage=line.stage.code,
                    kind=cast(Any, line.kind),
                    part=line.part.code if line.part else None,
                    amount_thousand_yen=line.amount_thousand_yen,
                    department=line.department.code,
                    document=line.document.number if line.document else None,
                    page=line.page,
                    editorial_note=line.editorial_note,
                )
                for line in lines[project.pk]
            ],
        )
        for project in sorted(
            Project.objects.select_related("department").prefetch_related("parts"),
            key=lambda project: project.code,  # not the database's collation, which differs
        )
    ]
