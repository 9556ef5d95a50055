"""The head and the rows of a table on the screen, written a column at a time: a call for each cell takes longer.

Every value goes through `escape` or a function that writes safe HTML; what comes of it is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from budgets.groups import Group
from dxportal.money_and_years import fiscal_year, signed_percent
from dxportal.public.templatetags.components import amounts, badge, differences, figures_in, line_breaks
from dxportal.tables.columns import Column, Row, Type
from dxportal.tables.table import Table

NOTHING = (None, "")
ARROWS = {"": "", "ascending": " ▲", "descending": " ▼"}


@dataclass(frozen=True)
class Header:
    """The head of a column: its label, the link that sorts by it, and how it is sorted now."""

    column: Column
    href: str
    aria_sort: str


def head(table: Table, headers: Iterable[Header]) -> SafeString:
    """The heads of the columns as HTML, for between <tr> and </tr>."""
    cells, labels = [], labels_in(table, get_language())
    for header in headers:
        attributes = ' class="number"' if header.column.type.is_flush_right else ""
        attributes += f' aria-sort="{header.aria_sort}"' if header.aria_sort else ""
        label = labels[header.column.name]
        if header.href:
            label = f'<a href="{escape(header.href)}" rel="nofollow">{label}{ARROWS[header.aria_sort]}</a>'
        cells.append(f'<th scope="col"{attributes}>{label}</th>')
    return SafeString("\n".join(cells))


def body(table: Table, columns: list[Column], rows: Sequence[Row], unit: str | None) -> SafeString:
    """The rows as HTML, for between <tbody> and </tbody>; `unit` is that of money."""
    language = get_language()
    labels = labels_in(table, language)
    written = [
        cells(column, rows, unit, language, None if column.name == table.heading else labels[column.name])
        for column in columns
    ]
    return SafeString("\n".join([f"<tr>{''.join(row)}</tr>" for row in zip(*written, strict=True)]))


@cache
def labels_in(table: Table, language: str | None) -> Mapping[str, str]:
    """How columns are called, as HTML, by name; asked for with every row of cells, and always the same."""
    return {column.name: escape(str(column.label)) for column in table.columns}


def cells(column: Column, rows: Sequence[Row], unit: str | None, language: str | None, label: str | None) -> list[str]:
    """The cells of a column; that of the heading, which needs no label, names the rows."""
    opening, closing = '<th scope="row">', "</th>"
    if label is not None:
        number = ' class="number"' if column.type.is_flush_right else ""
        opening, closing = f'<td data-label="{label}"{number}>', "</td>"
    if column.type is Type.MONEY:
        return amounts_in(column, rows, unit, opening, closing)
    named_by, say = column.named_by or column.name, words(column, language)
    if not column.link:
        cell = cache(lambda value: f"{opening}{'' if value in NOTHING else say(value)}{closing}")
        return [cell(row[named_by]) for row in rows]
    href = column.link.format_map
    return [
        f'{opening}<a href="{escape(href(row))}">{say(row[named_by])}</a>{closing}'
        if row[named_by] not in NOTHING
        else f"{opening}{closing}"
        for row in rows
    ]


def amounts_in(column: Column, rows: Sequence[Row], unit: str | None, opening: str, closing: str) -> list[str]:
    """Amounts, or that there is nothing of which one could be stated."""
    name, amount = column.name, amounts(unit)
    if not column.absent:
        return [f"{opening}{amount(row[name])}{closing}" for row in rows]
    nothing, (kind, absent) = f'<span class="quiet">{escape(gettext("事業なし"))}</span>', column.absent
    return [f"{opening}{nothing if row[kind] == absent else amount(row[name])}{closing}" for row in rows]


def words(column: Column, language: str | None) -> Callable[[Any], str]:
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
            return choices_in(column, language).__getitem__
    return lambda value: line_breaks(str(value))


@cache
def choices_in(column: Column, language: str | None) -> Mapping[Any, str]:
    """The words for the values of a column, as HTML."""
    return {value: escape(str(word)) for value, word in (column.words or {}).items()}


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
