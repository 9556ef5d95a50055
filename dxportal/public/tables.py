"""Table pages: the same selection as in the files, in pages of 100 rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from budgets.groups import RowGroup
from budgets.models import Measure
from dxportal.cp932 import ReplacedCharacters
from dxportal.money_and_years import money, money_words
from dxportal.public.charts import Bar, BarChart
from dxportal.public.switch_links import SwitchLink
from dxportal.public.table_cells import EMPTY_VALUES, ColumnHeader, write_cells
from dxportal.query_strings import encode_parameters
from dxportal.tables.cell_values import FIRST_ROW, scan_rows
from dxportal.tables.columns import Column, ColumnType, TableRow
from dxportal.tables.filters import ALL_YEARS, UNIT_LABELS
from dxportal.tables.registry import BUDGETS, LISTINGS, PROJECTS, TABLES
from dxportal.tables.selections import Selection
from dxportal.tables.table import Table
from dxportal.tables.table_filters import FILTERS

ROWS_PER_PAGE = 100
MAX_ECHOED_CHARACTERS = 20  # characters of a requested page number that are echoed
LabelledValues = Iterable[tuple[str, Any]]  # values of a parameter, with their labels


class TablePage:
    """Context of the templates of a table."""

    def __init__(self, selection: Selection, requested_page: str = "") -> None:
        self.selection = selection
        self.problems = list(selection.problems)
        self.page: Page[Any] = Paginator(cast(Any, SelectionSequence(selection)), ROWS_PER_PAGE).get_page(
            requested_page
        )
        if requested_page and requested_page != str(self.page.number):
            self.problems.append(
                gettext("「%(asked)s」というページはありません。%(shown)sページを表示しています。")
                % {"asked": requested_page[:MAX_ECHOED_CHARACTERS], "shown": self.page.number}
            )

    @cached_property
    def columns(self) -> list[Column]:
        """The columns on screen, without texts and optional amounts that are blank on this page.

        With the year if all years are shown.
        """
        table = self.selection.table
        year = [table.by_name["fiscal_year"]] if self.selection.filters.has_all_years else []
        return [
            self.relabel(column)
            for column in [*year, *table.on_screen]
            if not (column.is_optional or column.type in {ColumnType.TEXT, ColumnType.MARK})
            or any(row[column.name] not in EMPTY_VALUES for row in self.page.object_list)
        ]

    def relabel(self, column: Column) -> Column:
        """Return the column of budgets under the name of its measure where that is no budget, such as 決算額."""
        if self.selection.table is not BUDGETS or column.name != "amount_thousand_yen":
            return column
        measure = self.selection.filters.measure
        if measure.is_budget or not measure.has_total:
            return column
        return replace(column, label=gettext("%(amounts)s（千円）") % {"amounts": measure.amount_label})

    @property
    def rows(self) -> list[list[str]]:
        """Cells of the rows of this page as HTML."""
        selection = self.selection
        return write_cells(
            self.columns, self.page.object_list, selection.table.heading, selection.parameters.get("unit")
        )

    @property
    def headers(self) -> list[ColumnHeader]:
        """Column headers. The first click sorts amounts descending and others ascending; the next reverses."""
        order = self.selection.parameters.get("sort", "")
        headers = []
        for column in self.columns:
            up, down = column.name, f"-{column.name}"
            first, other = (down, up) if column.type is ColumnType.MONEY else (up, down)
            href = self.selection.address(sort=other if order == first else first) if column.sort else ""
            aria_sort = {up: "ascending", down: "descending"}.get(order, "")
            headers.append(ColumnHeader(str(column.label), column.type.is_right_aligned, href, aria_sort))
        return headers

    @property
    def previous(self) -> str:
        return self.selection.address(page=self.page.previous_page_number()) if self.page.has_previous() else ""

    @property
    def next(self) -> str:
        return self.selection.address(page=self.page.next_page_number()) if self.page.has_next() else ""

    @property
    def files(self) -> list[tuple[str, str]]:
        """Download formats: label and address."""
        address = self.selection.file_address
        return [
            ("Excel", address("xlsx")),
            ("CSV", address("csv")),
            (gettext("CSV（シフトJIS）"), address("csv", encoding="cp932")),
            ("JSON", address("json")),
        ]

    @property
    def other_files(self) -> list[tuple[Any, list[tuple[str, str]]]]:
        """Downloads of the tables that are files alone, by label: format and address, with the filters they share."""
        return [(table.label, self.link_files(table)) for table in TABLES if not table.has_page]

    def link_files(self, table: Table) -> list[tuple[str, str]]:
        shared = [name for name in FILTERS[table].base_filters if self.selection.parameters.get(name) != ALL_YEARS]
        query = "&".join(encode_parameters(self.selection.parameters, shared))
        formats = (("Excel", "xlsx"), ("CSV", "csv"), ("JSON", "json"))
        return [(label, f"/{table.name}.{extension}" + (f"?{query}" if query else "")) for label, extension in formats]

    @cached_property
    def changed_characters(self) -> list[str]:
        """Notes on characters of this page's rows that a CSV in CP932 replaces; other rows are not read for this."""
        changed = ReplacedCharacters()
        rows: list[TableRow] = list(self.page.object_list)
        scan_rows(changed, self.selection.table.in_files, rows, self.page.start_index() - 1 + FIRST_ROW)
        return changed.notes

    @property
    def title(self) -> str:
        """Title of the browser tab: the table, its filters, its arrangement and the page number."""
        selection = self.selection
        filters = selection.filters
        conditions = [f"{filters.filters[name].label} {filters.value_label(name)}" for name in self.view_parameters]
        page = self.page.number
        return page_title(selection.title, conditions, page if self.page.has_other_pages() else 1, self.problems)

    @property
    def view_parameters(self) -> list[str]:
        """The requested parameters, except the years, which the heading names."""
        return [name for name in self.selection.parameters if name not in {"year", "base"}]

    @property
    def conditions(self) -> list[tuple[Any, str, str]]:
        """The active filters: label, value in words, and the address without the filter."""
        selection = self.selection
        return [
            (
                selection.filters.filters[name].label,
                selection.filters.value_label(name),
                selection.address(**{name: None}),
            )
            for name in selection.narrowing_parameters
        ]

    @cached_property
    def years(self) -> list[SwitchLink]:
        """Links to each year; in a comparison they reset the base to the year before."""
        years = self.selection.filters.labelled_choices("year")
        return self.switch("year", years, base=None) if len(years) > 1 else []

    @property
    def units(self) -> list[SwitchLink]:
        current = self.selection.parameters.get("unit", "thousand")
        return [
            SwitchLink(label, self.selection.address(unit=None if unit == "thousand" else unit), unit == current)
            for unit, label in UNIT_LABELS.items()
        ]

    @property
    def measures(self) -> list[SwitchLink]:
        """Links to the measures that the year states, and to all lines; none where there is nothing to choose."""
        filters = self.selection.filters
        distinct = filters.choices.years.distinct_measures(filters.fiscal_year)
        choices = [measure for measure in Measure if measure in {*distinct, filters.measure, Measure.ALL}]
        if len(choices) <= 2 and filters.measure.has_total:
            return []
        return [
            SwitchLink(
                measure.label,
                self.selection.address(measure=None if measure is filters.opening_measure else measure.value),
                measure is filters.measure,
            )
            for measure in choices
        ]

    @property
    def groupings(self) -> list[SwitchLink]:
        selection = self.selection
        none = SwitchLink(gettext("しない"), selection.address(group=None), "group" not in selection.parameters)
        return [none, *self.switch("group", selection.filters.groupings)]

    @property
    def groups(self) -> list[tuple[RowGroup, str]]:
        """Groups, each with the address of its rows; another year might open on another measure."""
        selection = self.selection
        parameter, measure = selection.parameters["group"], selection.parameters.get("measure")
        if parameter == "year":
            measure = selection.filters.measure.value
        changes = {"group": None, "measure": measure}
        return [(group, selection.address(**changes | {parameter: group.code})) for group in selection.groups]

    @cached_property
    def chart(self) -> BarChart:
        """Bar chart of the expenditure of each group."""
        selection = self.selection
        title = gettext("%(label)s別の%(amounts)s") % {
            "label": selection.group_label,
            "amounts": selection.filters.measure.amount_label,
        }
        unit = selection.parameters.get("unit")
        bars = expenditure_bars(selection.groups, unit)
        return BarChart.from_bars(title, gettext("%(title)sを横棒で比べた図。") % {"title": title}, bars, "groups")

    @property
    def tables(self) -> list[SwitchLink]:
        """Links to all tables of the portal."""
        current, label = self.selection.table, gettext("%(label)sの表")
        pages = [table for table in TABLES if table.has_page]
        return [SwitchLink(label % {"label": table.label}, table.path, table is current) for table in pages]

    @property
    def address_without_filters(self) -> str:
        """Address of the same table and year without filters."""
        selection = self.selection
        return selection.address(**{name: None for name in self.view_parameters if name != "unit"})

    def switch(self, parameter: str, values: LabelledValues, **changes: None) -> list[SwitchLink]:
        """Return the values of a parameter as links; `changes` removes other parameters."""
        current = self.selection.parameters.get(parameter)
        return [
            SwitchLink(label, self.selection.address(**changes | {parameter: value}), value == current)
            for value, label in values
        ]


def page_title(title: str, conditions: list[str], page: int, problems: list[str]) -> str:
    """Compose a distinct title for each view of a page; invalid parameters are announced first."""
    if conditions:
        title = gettext("%(title)s（%(said)s）") % {"title": title, "said": gettext("、").join(conditions)}
    if page > 1:
        title = gettext("%(title)s %(page)sページ") % {"title": title, "page": page}
    return gettext("条件の誤り：%(title)s") % {"title": title} if problems else title


def expenditure_bars(groups: Iterable[RowGroup], unit: str | None) -> list[Bar]:
    """Return the expenditure of groups as bars; a group that states none has no amount."""
    not_stated = money(None)

    def bar(group: RowGroup) -> Bar:
        if not group.total.expenditure_rows:
            return Bar(group.label, None, not_stated)
        amount = group.total.expenditure_thousand_yen
        return Bar(group.label, amount, money_words(amount) if unit == "words" else money(amount))

    return [bar(group) for group in groups]


class SelectionSequence:
    """Sequence of a selection's rows for Django's paginator."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection

    def __len__(self) -> int:
        return self.selection.count

    def __getitem__(self, rows: slice) -> list[TableRow]:
        return self.selection.slice(rows.start, rows.stop)


def canonical_address(request: HttpRequest, selection: Selection, *, with_year: bool) -> str:
    """Return the canonical address, without blank parameters and with the year; "" if the request has it already."""
    blanks = any(not value.strip() for values in request.GET.lists() for value in values[1])
    without_year = with_year and not request.GET.get("year", "").strip() and selection.filters.section_years.default
    if selection.problems or not (blanks or without_year):
        return ""
    return selection.address(page=request.GET.get("page", "").strip()[:MAX_ECHOED_CHARACTERS])


def table_page(request: HttpRequest, table: Table, template: str, *, with_year: bool) -> HttpResponse:
    selection = Selection(table, request.GET)
    if address := canonical_address(request, selection, with_year=with_year):
        return redirect(address)
    page = TablePage(selection, request.GET.get("page", "").strip())
    return render(request, template, {"table": page, "selection": selection, "page_url": selection.url})


def listings_table(request: HttpRequest) -> HttpResponse:
    return table_page(request, LISTINGS, "public/table.html", with_year=True)


def projects_table(request: HttpRequest) -> HttpResponse:
    return table_page(request, PROJECTS, "public/table.html", with_year=False)
