"""Cell values of files: labels or codes, escaped against formula injection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from import_export.fields import Field
from import_export.widgets import Widget

from dxportal.cp932 import ReplacedCharacters
from dxportal.tables.columns import Column, Row, Type
from dxportal.tables.table_rows import TableRows

FIRST_ROW = 2  # first data row of a file, counted from 1, below the header
WORDED = frozenset({Type.TEXT, Type.CODE, Type.CHOICE})  # types whose values may hold any character

Cell = int | float | str | None

# First characters that may make a spreadsheet run a text as a formula, half or full width, and the escape prefix.
DANGEROUS = frozenset("=+-@\t\r\n＝＋－＠'")
INERT = "'"


def inert(text: str) -> str:
    """Escape a text against formula injection; `as_written` undoes it."""
    return INERT + text if text[:1] in DANGEROUS else text


def as_written(cell: str) -> str:
    """Return the text that `inert` has escaped."""
    return cell[1:] if cell.startswith(INERT) and cell[1:2] in DANGEROUS else cell


def json_value(column: Column, row: Row) -> Any:
    """Return a value for JSON: codes, booleans, None for an amount that is not stated, texts unescaped."""
    value = row[column.name]
    match column.type:
        case Type.ADDRESS:
            return settings.SITE_URL + value
        case Type.TEXT | Type.CODE:
            return value or ""
    return value


class CellWidget(Widget):  # type: ignore[misc]  # the library has no types
    """Widget that writes a column's values to CSV and Excel: numbers as numbers, None as an empty cell."""

    def render(self, value: Any, obj: Any = None, **options: Any) -> Cell:
        (cell,) = self.render_all([value])
        return cell

    def render_all(self, values: Sequence[Any]) -> Sequence[Cell]:
        """Convert many values in one call: a call per value, for a million values, costs more than the query."""
        return values


class TextWidget(CellWidget):
    """Widget of texts and codes, escaped as `inert` does; an empty text is an empty cell."""

    def render_all(self, values: Sequence[Any]) -> Sequence[Cell]:
        return [(INERT + text if text[0] in DANGEROUS else text) if text else None for text in values]


class WordWidget(CellWidget):
    """Widget of an enumeration: maps each value to its label."""

    def __init__(self, words: Mapping[Any, Cell]) -> None:
        super().__init__()
        self.words = words

    def render_all(self, values: Sequence[Any]) -> Sequence[Cell]:
        return [self.words[value] for value in values]


class AddressWidget(CellWidget):
    """Widget that turns paths into absolute URLs of the site."""

    def render_all(self, values: Sequence[Any]) -> Sequence[Cell]:
        site = settings.SITE_URL
        return [site + path for path in values]


def widget_of(column: Column, *, by_name: bool) -> CellWidget:
    """Return the widget of a column: codes if headers are machine names (`by_name`), else labels."""
    match column.type:
        case Type.ADDRESS:
            return AddressWidget()
        case Type.MARK:
            return WordWidget({True: "true", False: "false"} if by_name else {True: gettext("再掲"), False: None})
        case Type.CHOICE if column.words and not by_name:
            return WordWidget({None: None} | {code: inert(str(word)) or None for code, word in column.words.items()})
        case Type.TEXT | Type.CODE | Type.CHOICE:
            return TextWidget()
    return CellWidget()


def field_of(column: Column, *, by_name: bool) -> Field:
    """Return a column as a django-import-export field, whose instances are `Row` mappings."""
    return Field(
        source(column, by_name=by_name), header_of(column, by_name=by_name), widget_of(column, by_name=by_name)
    )


def header_of(column: Column, *, by_name: bool) -> str:
    return column.name if by_name else str(column.label)


def header(columns: list[Column], *, by_name: bool) -> list[str]:
    return [header_of(column, by_name=by_name) for column in columns]


def cells(
    columns: list[Column], rows: TableRows, *, by_name: bool, changed: ReplacedCharacters | None = None
) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of a file as tuples of cells; record in `changed` the characters that CP932 cannot encode."""
    fields = [field_of(column, by_name=by_name) for column in columns]
    first_row = FIRST_ROW
    for values in rows.in_columns([field.attribute for field in fields]):
        chunk = [field.widget.render_all(own) for field, own in zip(fields, values, strict=True)]
        if changed is not None:
            for column, own in zip(columns, chunk, strict=True):
                if column.type in WORDED:
                    changed.scan(column.label, own, first_row)
            first_row += len(chunk[0])
        yield from zip(*chunk, strict=True)


def look_at_rows(changed: ReplacedCharacters, columns: list[Column], rows: Sequence[Row], first_row: int) -> None:
    """Record in `changed` the characters that CP932 cannot encode, for rows that are shown or written as JSON."""
    for column in columns:
        if column.type in WORDED:
            name = source(column, by_name=False)
            changed.scan(column.label, [row[name] for row in rows], first_row)


def source(column: Column, *, by_name: bool) -> str:
    """Return the name of the column whose value fills the cell: under labels, that of a code's name."""
    return column.named_by if column.named_by and not by_name else column.name
