"""Reader of a plan folder: parse every file, collect every problem, return a typed folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from dxportal.planfiles import schema
from dxportal.planfiles.folder_rules import find_violations
from dxportal.planfiles.format_of_0_1_0 import convert_earlier_format
from dxportal.planfiles.raw_files import (
    DOCUMENT_FILE_NAME,
    LIST_FILES,
    PARSERS,
    PLAN_FILE_NAME,
    FolderError,
    PlanFileProblem,
    RawFile,
    iterate_raw_rows,
    parse_files,
)
from dxportal.typed_values import UnreadableError

FILE_ADAPTERS: Mapping[str, TypeAdapter[Any]] = {
    PLAN_FILE_NAME: TypeAdapter(schema.PlanFile),
    **{name: TypeAdapter(list[row]) for name, row in LIST_FILES.items()},  # type: ignore[valid-type]
}
DOCUMENT_ADAPTER = TypeAdapter(schema.DocumentFile)


def read_folder(path: Path) -> schema.Folder:
    """Read and check a plan folder.

    Raises FolderError with every problem of every file.
    """
    files, problems = parse_files(path)
    if unknown := [problem for file in files for problem in unknown_format(file)]:
        raise FolderError(unknown)
    convert_earlier_format(files)
    typed: dict[str, Any] = {}
    for file in files:
        shape = FILE_ADAPTERS.get(file.name, DOCUMENT_ADAPTER)
        try:
            typed[file.name] = shape.validate_python(file.data)
        except ValidationError as error:
            problems += [
                file.problem(tuple(found["loc"]), describe_typed_error(found) or describe_schema_error(found))
                for found in error.errors(include_url=False)
            ]
    problems += find_violations([row for file in files for row in iterate_raw_rows(file)])
    if problems:
        raise FolderError(sorted(set(problems)))
    folder = schema.Folder.model_construct(
        plan=typed[PLAN_FILE_NAME],
        **{name.removesuffix(".yaml"): typed[name] for name in LIST_FILES},
        documents=[value for name, value in typed.items() if DOCUMENT_FILE_NAME.match(name)],
    )
    folder.put_in_order()
    return folder


def unknown_format(file: RawFile) -> Iterator[PlanFileProblem]:
    """Yield a problem if plan.yaml states a format of another version; what else it would find could be wrong."""
    if file.name == PLAN_FILE_NAME and isinstance(file.data, dict):
        stated = file.data.get("format", schema.FORMAT)
        if stated != schema.FORMAT or isinstance(stated, bool):
            yield file.problem(
                ("format",),
                f"形式「{stated}」の計画フォルダーは、この版では読めません（読めるのは形式 {schema.FORMAT} と、"
                "format のない 0.1.0 のものです）。書き出した版か、より新しい版のポータルで読み込んでください。",
            )


PATTERN_SENTENCES = {
    schema.CODE_PATTERN: "コードは半角の英小文字・数字・ハイフンで書いてください（例：1-2-1）。",
    schema.NUMBER_PATTERN: "番号は 1〜999 の数字を引用符で囲んで書いてください（例：'1'）。",
    schema.BRACKETS_PATTERN: "かっこは、始めと終わりの二文字で書いてください（例：（））。",
}


def describe_typed_error(error: Any) -> str:
    """Return the parser's own message for an unreadable amount or year; "" for other errors."""
    parse = PARSERS.get(str(error["loc"][-1])) if error["loc"] else None
    try:
        if parse and isinstance(error["input"], str):
            parse(error["input"])
    except UnreadableError as unreadable:
        return str(unreadable)
    return ""


def describe_schema_error(error: Any) -> str:
    """Translate a schema error of pydantic into a sentence for the author of the files."""
    kind, context = error["type"], error.get("ctx", {})
    sentences = {
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
        return PATTERN_SENTENCES[str(context.get("pattern"))]
    return sentences.get(kind, "この値は使えません。")
