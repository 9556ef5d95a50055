"""How values stand in the cells of files: in words or in codes, and never as a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from dxportal.exports.columns import Column, Row, Type

Cell = int | float | str | None

# What a spreadsheet may take for the beginning of a formula, half or full width; and the mark that makes it inert.
DANGEROUS = re.compile(r"[=+\-@\t\r\n＝＋－＠']")
INERT = "'"


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula; `as_written` gives the text back."""
    return INERT + text if DANGEROUS.match(text) else text


def as_written(cell: str) -> str:
    """The text that `inert` has made a cell of."""
    return cell[1:] if cell.startswith(INERT) and DANGEROUS.match(cell[1:]) else cell


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


def cells(columns: list[Column], rows: Iterable[Row], *, by_name: bool) -> Iterator[list[Cell]]:
    """The rows of a file, one list of cells after the other."""
    return ([file_value(column, row, by_name=by_name) for column in columns] for row in rows)


def file_value(column: Column, row: Row, *, by_name: bool) -> Cell:
    """A value for CSV and Excel: numbers as numbers, texts inert, None for an empty cell.

    `by_name`: under machine names codes stand, under labels words.
    """
    value = json_value(column, row) if by_name else words(column, row)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or value == "":
        return None
    return inert(value) if isinstance(value, str) else value


def words(column: Column, row: Row) -> Any:
    """A value as people read it."""
    if column.type is Type.MARK:
        return gettext("再掲") if row[column.name] else ""
    if column.type is Type.ADDRESS:
        return settings.SITE_URL + row[column.name]
    return column.word(row)
