"""What differs between two folders, row by row, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dxportal.planfiles.dumping import files_of
from dxportal.planfiles.reading import Folder

LINE_KEY = ("fiscal_year", "stage", "kind", "part")


@dataclass(frozen=True)
class Difference:
    """One field of one row that is not the same; `before` or `after` is None where the row is missing."""

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
    """Every difference, in the order of the files; rows are matched by their codes."""
    old, new = files_of(before), files_of(after)
    found: list[Difference] = []
    for file in sorted({*old, *new}):
        found += [
            Difference(file, path.lstrip("."), *values) for path, *values in between(old.get(file), new.get(file), "")
        ]
    return found


def between(before: Any, after: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from between(before.get(key), after.get(key), f"{path}.{key}")
    elif isinstance(before, list | None) and isinstance(after, list | None) and (before or after):
        old, new = keyed(before or []), keyed(after or [])
        found = False
        for key in dict.fromkeys([*old, *new]):
            for difference in between(old.get(key), new.get(key), f"{path}[{key}]"):
                found = True
                yield difference
        if not found:
            yield path, "、".join(old), "、".join(new)  # the same rows in another order
    else:
        yield path, before, after


def keyed(items: list[Any]) -> dict[str, Any]:
    """The rows of a list under what names them: code, budget key, part, year and department, or the value."""
    found: dict[str, Any] = {}
    for item in items:
        if not isinstance(item, dict):
            name = str(item)
        elif "code" in item:
            name = item["code"]
        elif "stage" in item:
            name = " ".join(str(item[key]) for key in LINE_KEY if key in item)
        elif "label" in item:
            name = item["part"]
        else:
            name = f"{item.get('fiscal_year')} {item.get('department')}"
        while name in found:
            name += "'"
        found[name] = item
    return found
