"""HTML of tables: column headers and cells.

Cells are written by functions: a page has a thousand of them, and template nodes would take two and a half times as
long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from dxportal.money_and_years import NOTHING_TO_STATE, fiscal_year, signed, signed_percent
from dxportal.public.templatetags.components import amount, badge, cell, heading_cell, line_breaks, quiet
from dxportal.tables.columns import Column, ColumnType, TableRow

EMPTY_VALUES = (None, "")


@dataclass(frozen=True)
class ColumnHeader:
    """A column header: its label, the link that sorts by it, and the current sort order (`aria-sort`)."""

    label: str
    is_flush_right: bool
    href: str
    aria_sort: str


def write_cells(columns: Iterable[Column], rows: Iterable[TableRow], heading: str, unit: str | None) -> list[list[str]]:
    """Write the cells of rows as HTML; `heading` names the column of row headers, `unit` is the unit of amounts."""
    writers = [make_cell_writer(column, unit, names_rows=column.name == heading) for column in columns]
    return [[write(row) for write in writers] for row in rows]


def make_cell_writer(column: Column, unit: str | None, *, names_rows: bool) -> Callable[[TableRow], str]:
    content, href = make_content_writer(column, unit), make_link_getter(column)
    if names_rows:
        return lambda row: heading_cell(content(row), href(row))
    label, is_flush_right = str(column.label), column.type.is_right_aligned
    return lambda row: cell(label, content(row), href(row), is_flush_right=is_flush_right)


def make_link_getter(column: Column) -> Callable[[TableRow], str]:
    """Return a function from a row to the link target of its cell; "" without a value or link."""
    value_name = column.named_by or column.name
    return lambda row: "" if not column.link or row[value_name] in EMPTY_VALUES else column.link.format_map(row)


def make_content_writer(column: Column, unit: str | None) -> Callable[[TableRow], Any]:
    """Return a function from a row to the content of its cell."""
    if column.type is ColumnType.MONEY:
        return make_amount_writer(column, unit)
    value_name, write = column.named_by or column.name, make_value_writer(column)
    is_about_money = column.type in (ColumnType.DIFFERENCE, ColumnType.PERCENT)
    nothing = quiet(str(NOTHING_TO_STATE)) if is_about_money else ""
    return lambda row: nothing if row[value_name] in EMPTY_VALUES else write(row[value_name])


def make_amount_writer(column: Column, unit: str | None) -> Callable[[TableRow], Any]:
    """Return a function from a row to its amount as HTML, or to － if the row has no project that year."""
    value_name = column.shown_from or column.name
    no_project = quiet(str(NOTHING_TO_STATE))
    if column.is_optional:
        return lambda row: no_project if row[value_name] is None else amount(row[value_name], unit)
    if not column.absent:
        return lambda row: amount(row[value_name], unit)
    kind, absent = column.absent
    return lambda row: no_project if row[kind] == absent else amount(row[value_name], unit)


def make_value_writer(column: Column) -> Callable[[Any], Any]:
    """Return a function that formats a value, which is not empty, by the type of its column."""
    match column.type:
        case ColumnType.YEAR:
            return fiscal_year
        case ColumnType.DIFFERENCE:
            return signed
        case ColumnType.PERCENT:
            return signed_percent
        case ColumnType.MARK:
            return {True: badge(gettext("再掲")), False: ""}.__getitem__
        case ColumnType.CHOICE if column.words:
            return {value: str(word) for value, word in column.words.items()}.__getitem__
    return lambda value: line_breaks(str(value))
