"""Cell values of files: labels or codes, escaped against formula injection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from import_export.fields import Field
from import_export.widgets import Widget

from dxportal.cp932 import ReplacedCharacters
from dxportal.tables.columns import Column, ColumnType, TableRow
from dxportal.tables.table_rows import TableRows

FIRST_ROW = 2  # first data row of a file, counted from 1, below the header
TEXT_TYPES = frozenset(
    {ColumnType.TEXT, ColumnType.CODE, ColumnType.CHOICE}
)  # types whose values may hold any character

Cell = int | float | str | None

# First characters that may make a spreadsheet run a text as a formula, half or full width, and the escape prefix.
FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠'")
ESCAPE_PREFIX = "'"


def escape_formula(text: str) -> str:
    """Escape a text against formula injection; `unescape_formula` undoes it."""
    return ESCAPE_PREFIX + text if text[:1] in FORMULA_STARTS else text


def unescape_formula(cell: str) -> str:
    """Return the text that `escape_formula` has escaped."""
    return cell[1:] if cell.startswith(ESCAPE_PREFIX) and cell[1:2] in FORMULA_STARTS else cell


def json_value(column: Column, row: TableRow) -> Any:
    """Return a value for JSON: codes, booleans, None for an amount that is not stated, texts unescaped."""
    value = row[column.name]
    match column.type:
        case ColumnType.ADDRESS:
            return settings.SITE_URL + value
        case ColumnType.TEXT | ColumnType.CODE:
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
    """Widget of texts and codes, escaped as `escape_formula` does; an empty text is an empty cell."""

    def render_all(self, values: Sequence[Any]) -> Sequence[Cell]:
        return [(ESCAPE_PREFIX + text if text[0] in FORMULA_STARTS else text) if text else None for text in values]


class LabelWidget(CellWidget):
    """Widget of an enumeration: maps each value to its label."""

    def __init__(self, labels: Mapping[Any, Cell]) -> None:
        super().__init__()
        self.words = labels

    def render_all(self, values: Sequence[Any]) -> Sequence[Cell]:
        return [self.words[value] for value in values]


class AddressWidget(CellWidget):
    """Widget that turns paths into absolute URLs of the site."""

    def render_all(self, values: Sequence[Any]) -> Sequence[Cell]:
        site = settings.SITE_URL
        return [site + path for path in values]


def make_widget(column: Column, *, by_name: bool) -> CellWidget:
    """Return the widget of a column: codes if headers are machine names (`by_name`), else labels."""
    match column.type:
        case ColumnType.ADDRESS:
            return AddressWidget()
        case ColumnType.MARK:
            return LabelWidget({True: "true", False: "false"} if by_name else {True: gettext("再掲"), False: None})
        case ColumnType.CHOICE if column.words and not by_name:
            return LabelWidget(
                {None: None} | {code: escape_formula(str(word)) or None for code, word in column.words.items()}
            )
        case ColumnType.TEXT | ColumnType.CODE | ColumnType.CHOICE:
            return TextWidget()
    return CellWidget()


def make_field(column: Column, *, by_name: bool) -> Field:
    """Return a column as a django-import-export field, whose instances are `TableRow` mappings."""
    return Field(
        source_column_name(column, by_name=by_name),
        render_header(column, by_name=by_name),
        make_widget(column, by_name=by_name),
    )


def render_header(column: Column, *, by_name: bool) -> str:
    return column.name if by_name else str(column.label)


def render_headers(columns: list[Column], *, by_name: bool) -> list[str]:
    return [render_header(column, by_name=by_name) for column in columns]


def render_rows(
    columns: list[Column], rows: TableRows, *, by_name: bool, replaced: ReplacedCharacters | None = None
) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of a file as tuples of cells; record in `replaced` the characters that CP932 cannot encode."""
    fields = [make_field(column, by_name=by_name) for column in columns]
    first_row = FIRST_ROW
    for values in rows.iterate_columns([field.attribute for field in fields]):
        chunk = [field.widget.render_all(unrendered) for field, unrendered in zip(fields, values, strict=True)]
        if replaced is not None:
            for column, rendered in zip(columns, chunk, strict=True):
                if column.type in TEXT_TYPES:
                    replaced.scan(column.label, rendered, first_row)
            first_row += len(chunk[0])
        yield from zip(*chunk, strict=True)


def scan_rows(replaced: ReplacedCharacters, columns: list[Column], rows: Sequence[TableRow], first_row: int) -> None:
    """Record in `replaced` the characters that CP932 cannot encode, for rows that are shown or written as JSON."""
    for column in columns:
        if column.type in TEXT_TYPES:
            name = source_column_name(column, by_name=False)
            replaced.scan(column.label, [row[name] for row in rows], first_row)


def source_column_name(column: Column, *, by_name: bool) -> str:
    """Return the name of the column whose value fills the cell: under labels, that of a code's name."""
    return column.named_by if column.named_by and not by_name else column.name
