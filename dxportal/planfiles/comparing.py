"""Comparison of two plan folders, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dxportal.planfiles.dumping import files_of
from dxportal.planfiles.raw import shape_of
from dxportal.planfiles.row_base import Row
from dxportal.planfiles.schema import Folder


@dataclass(frozen=True)
class Difference:
    """Difference in one field of a row, or a whole row that is missing: `before` or `after` is None then."""

    file: str
    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.file}  {self.path}  {shown(self.before)} → {shown(self.after)}"


def shown(value: Any) -> str:
    if value is None:
        return "なし"
    if isinstance(value, dict):
        return f"「{value.get('name') or value.get('text') or value.get('code') or '…'}」"
    return f"「{value}」"


def differences(before: Folder, after: Folder) -> list[Difference]:
    """Return every difference, sorted by file; rows are matched by their keys, not their positions."""
    old, new = files_of(before), files_of(after)
    found: list[Difference] = []
    for file in sorted({*old, *new}):
        pairs = between(old.get(file), new.get(file), "", shape_of(file))
        found += [Difference(file, path.lstrip("."), *values) for path, *values in pairs]
    return found


def between(before: Any, after: Any, path: str, shape: type[Row] | None) -> Iterator[tuple[str, Any, Any]]:
    """Yield (path, before, after) of each difference; `shape` is the class of the row or of the list's rows."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict) and shape:
        for key in dict.fromkeys([*before, *after]):
            yield from between(before.get(key), after.get(key), f"{path}.{key}", shape.children().get(key))
    elif isinstance(before, list | None) and isinstance(after, list | None) and (before or after):
        old, new = keyed(before or [], shape), keyed(after or [], shape)
        found = False
        for key in dict.fromkeys([*old, *new]):
            for difference in between(old.get(key), new.get(key), f"{path}[{key}]", shape):
                found = True
                yield difference
        if not found:
            yield path, "、".join(old), "、".join(new)  # the same rows in another order
    else:
        yield path, before, after


def keyed(items: list[Any], shape: type[Row] | None) -> dict[str, Any]:
    """Return a list's rows by their keys, or its texts by themselves; apostrophes are added to duplicate keys."""
    found: dict[str, Any] = {}
    for item in items:
        name = " ".join(str(item[key]) for key in shape.key if key in item) if shape else str(item)
        while name in found:
            name += "'"
        found[name] = item
    return found
