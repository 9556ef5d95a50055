"""What a file holds before anybody knows what it means: a sheet, its headers, its rows of cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from math import isfinite
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from catalog.hidden_characters import normalize_line_breaks
from dxportal.typed_values import fold_name

DAY_ZERO = date(1899, 12, 30)  # the day that Excel numbers 0, for all days since March 1900


class DateFormattedNumber(float):
    """A number that Excel shows as a date or a time, because its cell is formatted so: days since `DAY_ZERO`.

    It compares as the number; whether the date was meant is for whoever reads the cell to decide.
    """

    @property
    def date_text(self) -> str:
        """`2021/4/1`; the number where the calendar has no such day."""
        try:
            day = DAY_ZERO + timedelta(days=int(self))
        except OverflowError:
            return plain(self)
        return f"{day.year}/{day.month}/{day.day}"


Value = str | int | float | bool | None


class RefusedFileError(Exception):
    """A file that is not read, as a sentence that says what to do."""


@dataclass
class Worksheet:
    """The cells of one sheet of a workbook that hold anything, by row and column as people count, from 1.

    Where a sheet holds more than is read of any (`is_cut`) its rows end there; what it holds is counted all the same.
    `uncalculated` holds the formulas that nobody has calculated yet.
    """

    title: str = ""
    is_hidden: bool = False
    rows: dict[int, dict[int, Value]] = field(default_factory=dict)
    uncalculated: dict[int, dict[int, str]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    filled_rows: int = 0
    last_row: int = 0
    last_column: int = 0
    has_merged_cells: bool = False
    is_cut: bool = False


@dataclass(frozen=True)
class CellRow:
    """A row of the file that holds anything; `number` is the row as people count, `cells` stand in file order."""

    number: int
    cells: tuple[Value, ...]
    is_hidden: bool = False
    # Places in `cells` where a formula stands that nobody has calculated yet.
    uncalculated: frozenset[int] = frozenset()


@dataclass(frozen=True)
class ReadFile:
    """The one table of a file, below its header in row 1.

    `sheet` is empty for CSV; `about` holds labels and values of the sheet that explains the table; `notes` say what was
    noticed and does no harm, in sentences. `worksheets` are all that the file holds.
    """

    kind: str
    sheet: str
    headers: tuple[str, ...]
    rows: list[CellRow]
    about: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    worksheets: list[Worksheet] = field(default_factory=list)


@dataclass(frozen=True)
class Problem:
    """One cell, or row, or column that is not understood: where it stands, what stands there, what is expected.

    `row` is 0 where a whole column is meant, `column` is -1 where a whole row is.
    """

    sheet: str
    row: int
    column: int
    header: str
    value: str
    expected: str

    @property
    def place(self) -> str:
        """`C5`, as Excel writes it; `C列` or `5行` where a column or a row is meant."""
        letter = xl_col_to_name(self.column) if self.column >= 0 else ""
        if not self.row:
            return f"{letter}列"
        return f"{letter}{self.row}" if letter else f"{self.row}行"


def plain(value: Value) -> str:
    """A cell as text, by which two cells are compared: `45586`, `45586.0` and ` 45586 ` are one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return number_as_shown(value)
    return normalize_line_breaks(str(value)).strip()


def number_as_shown(value: float) -> str:
    """A number with the 15 significant digits that Excel shows: 11000 for 11000.000000000002."""
    shown = f"{value:.15g}"
    return str(int(float(shown))) if isfinite(value) and float(shown).is_integer() else shown


def describe(value: Value) -> str:
    """Write a cell as text for people: a date as a date."""
    return value.date_text if isinstance(value, DateFormattedNumber) else plain(value)


def folded(value: Value) -> str:
    """A cell as text without differences of width and case, for codes, choices and headers."""
    return fold_name(plain(value))
