"""Uninterpreted contents of an uploaded file: worksheets, headers, rows of cells, and problems by cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from math import isfinite
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from catalog.hidden_characters import normalize_line_breaks
from dxportal.typed_values import fold_name

EXCEL_EPOCH = date(1899, 12, 30)  # day 0 of Excel's date system, valid from March 1900


class DateFormattedNumber(float):
    """Number in a cell formatted as a date or time: days since `EXCEL_EPOCH`.

    It compares as the number; the reader of the cell decides whether a date was meant.
    """

    @property
    def date_text(self) -> str:
        """The date as `2021/4/1`, or the number if it is outside the calendar."""
        try:
            day = EXCEL_EPOCH + timedelta(days=int(self))
        except OverflowError:
            return cell_to_text(self)
        return f"{day.year}/{day.month}/{day.day}"


CellValue = str | int | float | bool | None


class RefusedFileError(Exception):
    """Raised, with a sentence that says what to do, for a file that is refused as a whole."""


@dataclass
class Worksheet:
    """Non-empty cells of a worksheet, by row and column, both counted from 1.

    Cells beyond the upload limits are dropped (`is_truncated`), but the counts include them.
    `uncalculated` holds the formulas without a cached result.
    """

    title: str = ""
    is_hidden: bool = False
    rows: dict[int, dict[int, CellValue]] = field(default_factory=dict)
    uncalculated: dict[int, dict[int, str]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    filled_rows: int = 0
    last_row: int = 0
    last_column: int = 0
    has_merged_cells: bool = False
    is_truncated: bool = False


@dataclass(frozen=True)
class CellRow:
    """Non-empty row of a file; `number` counts from 1, `cells` are in the order of the file's columns."""

    number: int
    cells: tuple[CellValue, ...]
    is_hidden: bool = False
    # Indices in `cells` of formulas without a cached result.
    uncalculated: frozenset[int] = frozenset()


@dataclass(frozen=True)
class ParsedFile:
    """Table of an uploaded file, whose header is in row 1.

    `kind` is xlsx or csv; `sheet` the title of the table's worksheet, empty for CSV. `metadata` maps labels to values,
    as on the metadata sheet. `notes` are sentences on harmless findings. `worksheets` are all worksheets of the file.
    """

    kind: str
    sheet: str
    headers: tuple[str, ...]
    rows: list[CellRow]
    metadata: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    worksheets: list[Worksheet] = field(default_factory=list)


@dataclass(frozen=True)
class SheetProblem:
    """Problem with a cell, row or column: its place, its value, and a sentence that says what is expected.

    `row` counts from 1 and is 0 for a whole column; `column` counts from 0 and is -1 for a whole row.
    """

    sheet: str
    row: int
    column: int
    header: str
    value: str
    expected: str

    @property
    def place(self) -> str:
        """The place as in Excel, `C5`; `C列` for a whole column, `5行` for a whole row."""
        letter = xl_col_to_name(self.column) if self.column >= 0 else ""
        if not self.row:
            return f"{letter}列"
        return f"{letter}{self.row}" if letter else f"{self.row}行"


def cell_to_text(value: CellValue) -> str:
    """Return a cell as normalised text for comparison: `45586`, `45586.0` and ` 45586 ` are equal."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return format_number(value)
    return normalize_line_breaks(str(value)).strip()


def format_number(value: float) -> str:
    """Format a number with the 15 significant digits that Excel shows: 11000 for 11000.000000000002."""
    shown = f"{value:.15g}"
    return str(int(float(shown))) if isfinite(value) and float(shown).is_integer() else shown


def describe_cell(value: CellValue) -> str:
    """Return a cell as text for people, a date as a date."""
    return value.date_text if isinstance(value, DateFormattedNumber) else cell_to_text(value)


def fold_cell(value: CellValue) -> str:
    """Return a cell as text folded in width and case, to compare codes, choices and headers."""
    return fold_name(cell_to_text(value))
