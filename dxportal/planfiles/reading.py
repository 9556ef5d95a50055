"""Reading a plan folder: every file parsed, every problem found, then one typed `Folder`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from dxportal.planfiles import schema
from dxportal.planfiles.raw import (
    DEPARTMENTS,
    DOCUMENT_NAME,
    LISTS,
    PARSERS,
    PLAN,
    PROJECTS,
    STAGES,
    TERMS,
    FolderError,
    parse_files,
    rows_of,
)
from dxportal.planfiles.rules import broken_rules
from dxportal.typed_values import UnreadableError


@dataclass(frozen=True)
class Folder:
    """A plan folder whose every file and cross-reference has been checked."""

    plan: schema.PlanFile
    departments: list[schema.DepartmentRow]
    stages: list[schema.StageRow]
    projects: list[schema.ProjectRow]
    terms: list[schema.TermRow]
    documents: list[schema.DocumentFile]


SHAPES: Mapping[str, TypeAdapter[Any]] = {
    PLAN: TypeAdapter(schema.PlanFile),
    **{name: TypeAdapter(list[row]) for name, row in LISTS.items()},  # type: ignore[valid-type]
}
DOCUMENT_SHAPE = TypeAdapter(schema.DocumentFile)


def read_folder(path: Path) -> Folder:
    """Read and check a plan folder.

    Raises FolderError with every problem of every file; nothing is returned unless all is well.
    """
    files, problems = parse_files(path)
    typed: dict[str, Any] = {}
    for file in files:
        shape = SHAPES.get(file.name, DOCUMENT_SHAPE)
        try:
            typed[file.name] = shape.validate_python(file.data)
        except ValidationError as error:
            problems += [
                file.problem(tuple(found["loc"]), typed_sentence(found) or shape_sentence(found))
                for found in error.errors(include_url=False)
            ]
    problems += broken_rules([row for file in files for row in rows_of(file)])
    if problems:
        raise FolderError(sorted(set(problems)))
    folder = Folder(
        typed[PLAN],
        typed[DEPARTMENTS],
        typed[STAGES],
        typed[PROJECTS],
        typed[TERMS],
        [value for name, value in typed.items() if DOCUMENT_NAME.match(name)],
    )
    put_in_order(folder)
    return folder


def put_in_order(folder: Folder) -> None:
    """Sort what has an order of its own: documents, projects, amounts, Sakigake numbers, appearances by year."""
    stage_order = {stage.code: position for position, stage in enumerate(folder.stages)}
    folder.documents.sort(key=lambda document: document.number)
    folder.projects.sort(key=lambda project: project.code)
    for project in folder.projects:
        part_order = {part.code: position for position, part in enumerate(project.parts)}
        project.budget_lines.sort(
            key=lambda line: (
                line.fiscal_year,
                stage_order[line.stage],
                line.kind,
                part_order[line.part] if line.part else -1,
            )
        )
    for document in folder.documents:
        document.sakigake_projects.sort(key=lambda sakigake: int(sakigake.code))
        for sakigake in document.sakigake_projects:
            sakigake.components.sort(key=lambda component: component.fiscal_year)
        for area in document.areas:
            for domain in area.domains:
                for goal in domain.goals:
                    for measure in goal.countermeasures:
                        measure.related_projects.sort(key=lambda group: group.fiscal_year)


PATTERNS = {
    schema.CODE: "コードは半角の英小文字・数字・ハイフンで書いてください（例：1-2-1）。",
    schema.NUMBER: "番号は 1〜999 の数字を引用符で囲んで書いてください（例：'1'）。",
    schema.BRACKETS: "かっこは、始めと終わりの二文字で書いてください（例：（））。",
}


def typed_sentence(found: Any) -> str:
    """What the reader of typed values says of an amount or a year that is written as text; nothing of other errors."""
    parse = PARSERS.get(str(found["loc"][-1])) if found["loc"] else None
    try:
        if parse and isinstance(found["input"], str):
            parse(found["input"])
    except UnreadableError as error:
        return str(error)
    return ""


def shape_sentence(found: Any) -> str:
    """What a schema error means, in words for the person who writes the files."""
    kind, context = found["type"], found.get("ctx", {})
    known = {
        "missing": "この項目がありません。書き足してください。",
        "extra_forbidden": "知らない項目です。つづりを確かめるか、消してください。",
        "string_type": "文字列で書いてください。数字だけのときは引用符（'1'）で囲みます。",
        "string_too_short": "空にできません。",
        "too_short": "一つ以上書いてください。",
        "string_too_long": f"{context.get('max_length')}文字以内で書いてください。",
        "int_type": "整数で書いてください（小数・文字・桁区切りは使えません）。",
        "int_from_float": "整数で書いてください（小数は使えません）。",
        "bool_type": "true か false で書いてください。",
        "list_type": "一覧（「- 」で始まる行）で書いてください。",
        "model_type": "「項目: 値」の形で書いてください。",
        "greater_than_equal": f"{context.get('ge')}以上の数を書いてください。",
        "less_than_equal": f"{context.get('le')}以下の数を書いてください。",
        "literal_error": f"次のどれかを書いてください：{context.get('expected')}",
    }
    if kind == "string_pattern_mismatch":
        return PATTERNS[str(context.get("pattern"))]
    return known.get(kind, "この値は使えません。")
