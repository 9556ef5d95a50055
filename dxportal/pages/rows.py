"""The head and the rows of a table on the screen, written a column at a time: a call for each cell takes longer.

Every value goes through `escape` or a function that writes safe HTML; what comes of it is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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

NOTHING = (None, "")
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


def body(table: Table, columns: list[Column], rows: Sequence[Row], unit: str | None) -> SafeString:
    """The rows as HTML, for between <tbody> and </tbody>; `unit` is that of money."""
    written = [cells(column, rows, unit, is_heading=column.name == table.heading) for column in columns]
    return SafeString("\n".join([f"<tr>{''.join(row)}</tr>" for row in zip(*written, strict=True)]))


def cells(column: Column, rows: Sequence[Row], unit: str | None, *, is_heading: bool) -> Iterable[str]:
    """The cells of a column; that of the heading names the rows."""
    if is_heading:
        opening, closing = '<th scope="row">', "</th>"
    else:
        number = ' class="number"' if column.type.is_flush_right else ""
        opening, closing = f'<td data-label="{escape(str(column.label))}"{number}>', "</td>"
    return [f"{opening}{inside}{closing}" for inside in insides(column, rows, unit)]


def insides(column: Column, rows: Sequence[Row], unit: str | None) -> Iterable[str]:
    if column.type is Type.MONEY:
        return stated_amounts(column, rows, unit)
    name, named_by, say = column.name, column.named_by or column.name, cache(words(column))
    texts = [say(row[named_by]) if row[named_by] not in NOTHING else "" for row in rows]
    if not column.link:
        return texts
    href = column.link.format_map
    return [
        f'<a href="{escape(href(row))}">{text}</a>' if row[name] not in NOTHING else ""
        for row, text in zip(rows, texts, strict=True)
    ]


def stated_amounts(column: Column, rows: Sequence[Row], unit: str | None) -> Iterable[str]:
    """Amounts, or that there is nothing of which one could be stated."""
    name, amount = column.name, amounts(unit)
    if not column.absent:
        return [amount(row[name]) for row in rows]
    nothing = f'<span class="quiet">{escape(gettext("事業なし"))}</span>'
    return [nothing if column.is_absent(row) else amount(row[name]) for row in rows]


def words(column: Column) -> Callable[[Any], str]:
    """How a value of the column that is there is written."""
    match column.type:
        case Type.YEAR:
            return lambda year: escape(fiscal_year(year))
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
