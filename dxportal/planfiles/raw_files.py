"""Parser of a plan folder, before validation: YAML files, their rows, and problems with file and line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dxportal.planfiles import schema
from dxportal.planfiles.row_base import PlanFileRow
from dxportal.typed_values import (
    AMOUNT_FIELDS,
    FISCAL_YEAR_FIELDS,
    UnreadableError,
    parse_fiscal_year,
    parse_signed_amount,
)

PLAN_FILE_NAME = "plan.yaml"
LIST_FILES = {f"{name}.yaml": shape for name, shape in schema.Folder.children().items() if name != "documents"}
DOCUMENT_FILE_NAME = re.compile(r"^document-([1-9][0-9]?)\.yaml$")

NodePath = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class PlanFileProblem:
    """Problem in a plan folder: file, line (0 for the whole file), path, and a sentence in Japanese: how to fix it."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        place = ":".join([self.file, *([str(self.line)] if self.line else [])])
        return f"{place}  {self.path}  {self.message}" if self.path else f"{place}  {self.message}"


class FolderError(Exception):
    """Raised for a plan folder that cannot be loaded; `problems` holds every problem, by file and line."""

    def __init__(self, problems: list[PlanFileProblem]) -> None:
        super().__init__(f"{len(problems)}件の問題があります。")
        self.problems = problems


class StrictLoader(yaml.SafeLoader):
    """YAML loader for a strict subset: no aliases, merge keys or duplicate keys, and only plain decimal integers."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag.rsplit(":", 1)[1] not in ("int", "float", "merge")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]  # untyped in the stubs
            raise yaml.constructor.ConstructorError(
                None, None, "別名（*）は使えません。同じ内容でも書き下してください。", event.start_mark
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
                raise yaml.constructor.ConstructorError(None, None, "項目の名は文字で書いてください。", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None,
                    None,
                    f"項目「{key.value}」が二度書かれています。一つにしてください。",
                    key.start_mark,
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


StrictLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^(0|-?[1-9][0-9]*)$"), list("-0123456789"))


@dataclass(frozen=True)
class RawFile:
    """Parsed file, not yet validated: plain values, and the YAML nodes, which have line numbers."""

    name: str
    data: Any
    root: yaml.Node | None

    def problem(self, path: NodePath, message: str) -> PlanFileProblem:
        return PlanFileProblem(self.name, self.line(path), format_path(path), message)

    def line(self, path: NodePath) -> int:
        """Return the line, from 1, of the deepest existing node on `path`; 0 if the file is empty."""
        node = self.root
        line = 0
        for key in path:
            if node is None:
                break
            line = node.start_mark.line + 1
            if isinstance(node, yaml.SequenceNode) and isinstance(key, int):
                node = node.value[key] if key < len(node.value) else None
            elif isinstance(node, yaml.MappingNode):
                found = [value for name, value in node.value if name.value == key]
                node = found[0] if found else None
            else:
                node = None
        return node.start_mark.line + 1 if node is not None else line


def format_path(path: NodePath) -> str:
    """Format a path for people: `areas[0].domains[2].code`."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")


@dataclass(frozen=True)
class RawRow:
    """Mapping in a file and the class that it should fit; its values are not yet validated."""

    file: RawFile
    path: NodePath
    shape: type[PlanFileRow]
    data: Mapping[str, Any]
    parents: tuple[RawRow, ...]

    def problem(self, key: str, message: str) -> PlanFileProblem:
        return self.file.problem((*self.path, key), message)

    def get(self, key: str, of: type = str) -> Any:
        """Return the value if it has the type `of`, else None; the schema reports wrong types."""
        value = self.data.get(key)
        return value if isinstance(value, of) and not isinstance(value, bool) else None


def parse_files(folder: Path) -> tuple[list[RawFile], list[PlanFileProblem]]:
    """Parse every YAML file of a folder; report missing, unknown and invalid files. Raises FolderError if no folder."""
    if not folder.is_dir():
        raise FolderError([PlanFileProblem(str(folder), 0, "", "フォルダーがありません。場所を確かめてください。")])
    names = sorted(path.name for path in folder.iterdir() if path.suffix in {".yaml", ".yml"})
    problems = [
        PlanFileProblem(name, 0, "", "ファイルがありません。計画フォルダーにはこのファイルが要ります。")
        for name in (PLAN_FILE_NAME, *LIST_FILES)
        if name not in names
    ]
    if not any(DOCUMENT_FILE_NAME.match(name) for name in names):
        problems.append(
            PlanFileProblem("document-1.yaml", 0, "", "資料のファイル（document-番号.yaml）が一つもありません。")
        )
    files = []
    for name in names:
        if name not in (PLAN_FILE_NAME, *LIST_FILES) and not DOCUMENT_FILE_NAME.match(name):
            problems.append(
                PlanFileProblem(name, 0, "", "知らないファイルです。名前を確かめるか、外に移してください。")
            )
            continue
        try:
            text = (folder / name).read_bytes().decode("utf-8")
            loader = StrictLoader(text)
            root = loader.get_single_node()
            data = loader.construct_document(root) if root else None
            if isinstance(data, dict | list):
                parse_typed_numbers(data)
            files.append(RawFile(name, data, root))
        except UnicodeDecodeError:
            problems.append(
                PlanFileProblem(name, 0, "", "文字コードが UTF-8 ではありません。UTF-8 で保存してください。")
            )
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            problems.append(make_yaml_problem(name, error))
    return files, problems


PARSERS: Mapping[str, Callable[[str], int]] = {
    **dict.fromkeys(FISCAL_YEAR_FIELDS, parse_fiscal_year),
    **dict.fromkeys(AMOUNT_FIELDS, parse_signed_amount),
}


def parse_typed_numbers(data: Any) -> None:
    """Replace each amount and year that is written as text by its number, in place; unreadable ones are kept."""
    for key, value in list(data.items() if isinstance(data, dict) else enumerate(data)):
        if isinstance(value, dict | list):
            parse_typed_numbers(value)
        elif isinstance(value, str) and key in PARSERS:
            with suppress(UnreadableError):
                data[key] = PARSERS[key](value)


def make_yaml_problem(name: str, error: Exception) -> PlanFileProblem:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 0
    if isinstance(error, ValueError) and not mark:
        return PlanFileProblem(name, line, "", "日付を読めません。2026-04-01 の形で、暦にある日を書いてください。")
    reason = str(getattr(error, "problem", None) or "")
    if not reason.endswith("。"):
        reason = "YAML として読めません。字下げ・引用符・コロンを確かめてください。"
    return PlanFileProblem(name, line, "", reason)


def shape_of(name: str) -> type[PlanFileRow]:
    """Return the class of a file's top-level rows."""
    return LIST_FILES.get(name) or (schema.PlanFile if name == PLAN_FILE_NAME else schema.DocumentFile)


def iterate_raw_rows(file: RawFile) -> Iterator[RawRow]:
    """Yield every mapping of a file, parents first; skip content of the wrong type, which the schema reports."""
    if file.name in LIST_FILES:
        for index, item in enumerate(file.data if isinstance(file.data, list) else []):
            yield from walk_rows(file, (index,), shape_of(file.name), item, ())
    else:
        yield from walk_rows(file, (), shape_of(file.name), file.data, ())


def walk_rows(
    file: RawFile, path: NodePath, shape: type[PlanFileRow], data: Any, parents: tuple[RawRow, ...]
) -> Iterator[RawRow]:
    if not isinstance(data, dict):
        return
    row = RawRow(file, path, shape, data, parents)
    yield row
    for name, inner in shape.children().items():
        for index, item in enumerate(data[name] if isinstance(data.get(name), list) else []):
            yield from walk_rows(file, (*path, name, index), inner, item, (*parents, row))
