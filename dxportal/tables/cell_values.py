"""How values stand in the cells of files: in words or in codes, and never as a formula."""

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

FIRST_ROW = 2  # of a file, below its header
WORDED = frozenset({Type.TEXT, Type.CODE, Type.CHOICE})  # types whose values may hold any character

Cell = int | float | str | None

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


class CellWidget(Widget):  # type: ignore[misc]  # the library has no types
    """Values of a column in the cells of CSV and Excel: numbers are numbers, None is an empty cell."""

    def render(self, value: Any, obj: Any = None, **options: Any) -> Cell:
        (cell,) = self.render_all([value])
        return cell

    def render_all(self, values: Sequence[Any]) -> Sequence[Cell]:
        """Many at a time: a call for each of a million values would take longer than the database."""
        return values


class TextWidget(CellWidget):
    """Texts and codes, as `inert` has them; nothing where there is none."""

    def render_all(self, values: Sequence[Any]) -> Sequence[Cell]:
        return [(INERT + text if text[0] in DANGEROUS else text) if text else None for text in values]


class WordWidget(CellWidget):
    """A few values, each with a word of its own."""

    def __init__(self, words: Mapping[Any, Cell]) -> None:
        super().__init__()
        self.words = words

    def render_all(self, values: Sequence[Any]) -> Sequence[Cell]:
        return [self.words[value] for value in values]


class AddressWidget(CellWidget):
    """Paths of the site as whole addresses."""

    def render_all(self, values: Sequence[Any]) -> Sequence[Cell]:
        site = settings.SITE_URL
        return [site + path for path in values]


def widget_of(column: Column, *, by_name: bool) -> CellWidget:
    """The widget of a column; under machine names codes stand, under labels words."""
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
    """The column as a field of django-import-export; rows are mappings of all columns."""
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
    """The rows of a file, one tuple of cells after the other; `changed` is told what CP932 would not hold of them."""
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
    """Tell `changed` what CP932 would not hold of rows that are shown, or written, in another form."""
    for column in columns:
        if column.type in WORDED:
            name = source(column, by_name=False)
            changed.scan(column.label, [row[name] for row in rows], first_row)


def source(column: Column, *, by_name: bool) -> str:
    """The column whose value stands in the cell: under labels a code is told by its name."""
    return column.named_by if column.named_by and not by_name else column.name
