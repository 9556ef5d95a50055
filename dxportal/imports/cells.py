"""What a file holds before anybody knows what it means: sheets, rows, cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

Value = str | int | float | bool | date | datetime | time | None


class RefusedFileError(Exception):
    """A file that is not read, as a sentence that says what to do."""


@dataclass(frozen=True)
class Cells:
    """A row of the file that holds anything. `number` is the row as people count, `values` by header."""

    number: int
    values: dict[str, Value]
    is_hidden: bool = False
    # Headers under which a formula stands that nobody has calculated yet.
    uncalculated: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ReadFile:
    """The one table of a file. `sheet` is empty for CSV; `about` holds the labels and values of its second sheet."""

    kind: str
    sheet: str
    headers: list[str]
    rows: list[Cells]
    about: dict[str, Any] = field(default_factory=dict)
    # What was noticed and does no harm, in sentences: which sheet was read, in which encoding.
    notes: list[str] = field(default_factory=list)
