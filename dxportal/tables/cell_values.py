"""How values stand in the cells of files: in words or in codes, and never as a formula."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from dxportal.cp932 import ChangedPlaces
from dxportal.tables.columns import Column, Row, Type
from dxportal.tables.table_rows import TableRows

FIRST_ROW = 2  # of a file, below its header
WORDED = frozenset({Type.TEXT, Type.CODE, Type.CHOICE})  # types whose values may hold any character

Cell = int | float | str | None
Convert = Callable[[Sequence[Any]], Sequence[Cell]]

# What a spreadsheet may take for the beginning of a formula, half or full width; and the mark that makes it inert.
DANGEROUS = frozenset("=+-@\t\r\n＝＋－＠'")
INERT = "'"


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula; `as_written` gives the text back."""
    return INERT + text if text[:1] in DANGEROUS else text


def as_written(cell: str) -> str:
    """The text that `inert` has made a cell of."""
    return cell[1:] if cell.startswith(INERT) and cell[1:2] in DANGEROUS else cell


def json_value(column: Column, row: Row) -> Any:
    """A value under its machine name: codes, booleans, null for what is not stated, texts as they are."""
    value = row[column.name]
    match column.type:
        case Type.ADDRESS:
            return settings.SITE_URL + value
        case Type.TEXT | Type.CODE:
            return value or ""
    return value


def header(columns: list[Column], *, by_name: bool) -> list[str]:
    return [column.name if by_name else str(column.label) for column in columns]


def cells(
    columns: list[Column], rows: TableRows, *, by_name: bool, changed: ChangedPlaces | None = None
) -> Iterator[tuple[Cell, ...]]:
    """The rows of a file, one tuple of cells after the other; `changed` is told what CP932 would not hold of them."""
    converters = [converter(column, by_name=by_name) for column in columns]
    first_row = FIRST_ROW
    for values in rows.in_columns([source(column, by_name=by_name) for column in columns]):
        chunk = [convert(own) for convert, own in zip(converters, values, strict=True)]
        if changed is not None:
            for column, own in zip(columns, chunk, strict=True):
                if column.type in WORDED:
                    changed.look(column.label, own, first_row)
            first_row += len(chunk[0])
        yield from zip(*chunk, strict=True)


def look_at_rows(changed: ChangedPlaces, columns: list[Column], rows: Sequence[Row], first_row: int) -> None:
    """Tell `changed` what CP932 would not hold of rows that are shown, or written, in another form."""
    for column in columns:
        if column.type in WORDED:
            name = source(column, by_name=False)
            changed.look(column.label, [row[name] for row in rows], first_row)


def file_value(column: Column, row: Row, *, by_name: bool) -> Cell:
    """The cell of one row and column."""
    (cell,) = converter(column, by_name=by_name)([row[source(column, by_name=by_name)]])
    return cell


def source(column: Column, *, by_name: bool) -> str:
    """The column whose value stands in the cell: under labels a code is told by its name."""
    return column.named_by if column.named_by and not by_name else column.name


def converter(column: Column, *, by_name: bool) -> Convert:
    """How the values of a column become cells of CSV and Excel, many at a time, for a call of a function for each of
    them would take longer than the database: numbers are numbers, texts inert, None is an empty cell.

    `by_name`: under machine names codes stand, under labels words.
    """
    match column.type:
        case Type.ADDRESS:
            site = settings.SITE_URL
            return lambda paths: [site + path for path in paths]
        case Type.MARK:
            marks: dict[bool, Cell] = (
                {True: "true", False: "false"} if by_name else {True: gettext("再掲"), False: None}
            )
            return lambda values: [marks[value] for value in values]
        case Type.CHOICE if column.words and not by_name:
            told: dict[Any, Cell] = {None: None}
            told |= {code: inert(str(word)) or None for code, word in column.words.items()}
            return lambda codes: [told[code] for code in codes]
        case Type.TEXT | Type.CODE | Type.CHOICE:
            return text_cells
    return lambda values: values


def text_cells(texts: Sequence[str | None]) -> list[Cell]:
    """As `inert` has it, and nothing where there is none."""
    return [(INERT + text if text[0] in DANGEROUS else text) if text else None for text in texts]
