"""The head and the rows of a table on the screen: how the cells of a column are written is decided once for all rows.

Every value goes through `escape` or a function that writes safe HTML; what comes of it is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from budgets.groups import Group
from dxportal.exports.columns import Column, Row, Type
from dxportal.exports.tables import Table
from dxportal.pages.templatetags.pieces import amounts, badge, differences, figures_in
from dxportal.pages.templatetags.printed import fiscal_year, signed_percent

Write = Callable[[Row], str]
ARROWS = {"": "", "ascending": " ▲", "descending": " ▼"}


@dataclass(frozen=True)
class Header:
    """The head of a column: its label, the link that sorts by it, and how it is sorted now."""

    column: Column
    href: str
    aria_sort: str


def head(headers: Iterable[Header]) -> SafeString:
    """The heads of the columns as HTML, for between <tr> and </tr>."""
    cells = []
    for header in headers:
        attributes = ' class="number"' if header.column.type.is_flush_right else ""
        attributes += f' aria-sort="{header.aria_sort}"' if header.aria_sort else ""
        label = escape(str(header.column.label))
        if header.href:
            label = f'<a href="{escape(header.href)}" rel="nofollow">{label}{ARROWS[header.aria_sort]}</a>'
        cells.append(f'<th scope="col"{attributes}>{label}</th>')
    return SafeString("\n".join(cells))


def body(table: Table, columns: list[Column], rows: Iterable[Row], unit: str | None) -> SafeString:
    """The rows as HTML, for between <tbody> and </tbody>; `unit` is that of money."""
    cells = [heading(column) if column.name == table.heading else cell(column, unit) for column in columns]
    return SafeString("\n".join(f"<tr>{''.join([write(row) for write in cells])}</tr>" for row in rows))


def heading(column: Column) -> Write:
    """The cell that names a row."""
    inside = linked(column)
    return lambda row: f'<th scope="row">{inside(row)}</th>'


def cell(column: Column, unit: str | None) -> Write:
    number = ' class="number"' if column.type.is_flush_right else ""
    opening = f'<td data-label="{escape(str(column.label))}"{number}>'
    inside = money_cell(column, unit) if column.type is Type.MONEY else linked(column) if column.link else plain(column)
    return lambda row: f"{opening}{inside(row)}</td>"


def money_cell(column: Column, unit: str | None) -> Write:
    """An amount, or that there is nothing of which one could be stated."""
    name, amount = column.name, amounts(unit)
    if not column.absent:
        return lambda row: amount(row[name])
    nothing = f'<span class="quiet">{escape(gettext("事業なし"))}</span>'
    return lambda row: nothing if column.is_absent(row) else amount(row[name])


def linked(column: Column) -> Write:
    """The words for a value, leading to its page."""
    words, name, href = plain(column), column.name, column.link.format_map

    def write(row: Row) -> str:
        return "" if row[name] in (None, "") else f'<a href="{escape(href(row))}">{words(row)}</a>'

    return write


def plain(column: Column) -> Write:
    """The words for a value; nothing where there is none."""
    name, say = column.named_by or column.name, words(column)
    return lambda row: "" if row[name] in (None, "") else say(row[name])


def words(column: Column) -> Callable[[Any], str]:
    """How a value of the column that is there is written."""
    match column.type:
        case Type.YEAR:
            return cache(lambda year: escape(fiscal_year(year)))
        case Type.DIFFERENCE:
            return differences()
        case Type.PERCENT:
            return signed_percent
        case Type.MARK:
            marks = {True: badge(gettext("再掲")), False: ""}
            return marks.__getitem__
        case Type.CHOICE if column.words:
            choices = {value: escape(str(word)) for value, word in column.words.items()}
            return choices.__getitem__
    return lambda value: escape(str(value))


def group_rows(groups: Iterable[tuple[Group, str]], unit: str | None, *, are_followed: bool = False) -> SafeString:
    """Groups with the addresses of their rows, and what they come to, as rows of a table."""
    figures, nofollow = figures_in(unit), "" if are_followed else ' rel="nofollow"'
    return SafeString(
        "\n".join(
            f'<tr><th scope="row"><a href="{escape(href)}"{nofollow}>{escape(group.label)}</a></th>'
            f"{figures(group.total)}</tr>"
            for group, href in groups
        )
    )


@cache
def dictionary(table: Table, language: str) -> SafeString:
    """What the columns of a table mean, as rows; the same on every page in a language."""
    labels = [escape(label) for label in (gettext("機械のための名"), gettext("型"), gettext("意味"))]
    rows = []
    for column in table.in_files:
        meaning = str(column.meaning) + ("" if column.on_screen else f" {gettext('（ファイルだけにあります）')}")
        cells = (f"<code>{escape(column.name)}</code>", escape(str(column.type.value)), escape(meaning))
        said = [f'<td data-label="{label}">{cell}</td>' for label, cell in zip(labels, cells, strict=True)]
        rows.append(f'<tr><th scope="row">{escape(str(column.label))}</th>{"".join(said)}</tr>')
    return SafeString("\n".join(rows))
