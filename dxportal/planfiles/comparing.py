"""Comparison of two plan folders, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dxportal.planfiles.dumping import make_files
from dxportal.planfiles.raw_files import shape_of
from dxportal.planfiles.row_base import PlanFileRow
from dxportal.planfiles.schema import Folder


@dataclass(frozen=True)
class PlanFileDifference:
    """Difference in one field of a row, or a whole row that is missing: `before` or `after` is None then."""

    file: str
    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.file}  {self.path}  {describe_value(self.before)} → {describe_value(self.after)}"


def describe_value(value: Any) -> str:
    if value is None:
        return "なし"
    if isinstance(value, dict):
        return f"「{value.get('name') or value.get('text') or value.get('code') or '…'}」"
    return f"「{value}」"


def compare_folders(before: Folder, after: Folder) -> list[PlanFileDifference]:
    """Return every difference, sorted by file; rows are matched by their keys, not their positions."""
    old, new = make_files(before), make_files(after)
    found: list[PlanFileDifference] = []
    for file in sorted({*old, *new}):
        pairs = compare_values(old.get(file), new.get(file), "", shape_of(file))
        found += [PlanFileDifference(file, path.lstrip("."), *values) for path, *values in pairs]
    return found


def compare_values(
    before: Any, after: Any, path: str, shape: type[PlanFileRow] | None
) -> Iterator[tuple[str, Any, Any]]:
    """Yield (path, before, after) of each difference; `shape` is the class of the row or of the list's rows."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict) and shape:
        for key in dict.fromkeys([*before, *after]):
            yield from compare_values(before.get(key), after.get(key), f"{path}.{key}", shape.children().get(key))
    elif isinstance(before, list | None) and isinstance(after, list | None) and (before or after):
        old, new = index_by_key(before or [], shape), index_by_key(after or [], shape)
        found = False
        for key in dict.fromkeys([*old, *new]):
            for difference in compare_values(old.get(key), new.get(key), f"{path}[{key}]", shape):
                found = True
                yield difference
        if not found:
            yield path, "、".join(old), "、".join(new)  # the same rows in another order
    else:
        yield path, before, after


def index_by_key(items: list[Any], shape: type[PlanFileRow] | None) -> dict[str, Any]:
    """Return a list's rows by their keys, or its texts by themselves; apostrophes are added to duplicate keys."""
    found: dict[str, Any] = {}
    for item in items:
        name = " ".join(str(item[key]) for key in shape.key if key in item) if shape else str(item)
        while name in found:
            name += "'"
        found[name] = item
    return found
