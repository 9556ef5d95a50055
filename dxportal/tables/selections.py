"""A table filtered by a query string: the object behind a page and each of its files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext

from budgets.comparison import ComparedRows
from budgets.groups import RowGroups, group_by_area, group_by_department, group_by_sakigake, group_by_year
from budgets.ladders import Execution
from budgets.models import Measure
from budgets.rows import BudgetRows
from budgets.totals import Total
from dxportal.money_and_years import fiscal_year
from dxportal.query_strings import encode_parameters
from dxportal.tables.columns import TableRow
from dxportal.tables.filter_choices import YEAR_PARAMETERS, FilterChoices
from dxportal.tables.filters import ALL_YEARS
from dxportal.tables.registry import COMPARISON_OF_ANY_YEARS
from dxportal.tables.table import Table
from dxportal.tables.table_filters import FILTERS, BudgetFilters, ComparisonFilters
from dxportal.tables.table_rows import TableRows
from dxportal.tables.totals import AnyTotal, BudgetTotal, describe_execution, describe_total
from projects.models.projects import ProjectQuerySet

ARRANGING_PARAMETERS = ("measure", "unit", "group", "sort")  # which leave no row out


class Selection:
    """Rows, totals and links of a table for a query string; rows are read lazily."""

    def __init__(self, table: Table, data: QueryDict) -> None:
        self.table = table
        self.choices = FilterChoices.read()
        self.filters = FILTERS[table](data, self.choices)
        self.parameters = self.filters.parameters
        self.problems = self.filters.problems

    @cached_property
    def rows(self) -> Any:
        return self.filters.qs

    @cached_property
    def total(self) -> AnyTotal:
        return self.filters.total_of(self.rows)

    @property
    def count(self) -> int:
        return self.total.rows

    @cached_property
    def notes(self) -> list[str]:
        """Sentences that explain the rows: their total, and what the filters leave out."""
        notes = [describe_total(self.total)]
        if isinstance(self.filters, BudgetFilters) and self.filters.has_line_filters:
            notes.append(gettext("予算区分・種別・金額で絞ったので、額の記載がない事業は含めていません。"))
            notes += filter(None, [self.note_on_stage])
        # A condition on lines would leave out some of what was available, and the rate would be false.
        elif isinstance(self.total, BudgetTotal) and self.total.measure is Measure.SETTLEMENT:
            notes += filter(None, [describe_execution(Execution.of(self.rows))])
        if self.filters.has_all_years:
            notes.append(gettext("すべての年度の額の合計です。額の記載がない事業は、年度別に1件と数えています。"))
        if isinstance(self.filters, ComparisonFilters) and self.filters.base_year == self.filters.fiscal_year:
            notes.append(gettext("同じ年度どうしを比べています。「比較対象の年度」で、ほかの年度を選んでください。"))
        return notes

    @property
    def note_on_stage(self) -> str:
        """A sentence for a stage that the measure does not count, so that there is no row."""
        if "stage" not in self.parameters or self.count:
            return ""
        values = {"stage": self.filters.value_label("stage"), "measure": self.filters.measure.label}
        return gettext("「%(stage)s」の額は、%(measure)sの額に含まれないか、条件に合いません。") % values

    @property
    def title(self) -> str:
        """The table's label, with the year if it has one, and what its amounts are called."""
        year, label = self.filters.fiscal_year, str(self.table.label)
        if isinstance(self.filters, BudgetFilters) and self.filters.measure.has_total:
            label = self.filters.measure.amount_label
        if isinstance(self.filters, ComparisonFilters):
            both = {"base": fiscal_year(self.filters.base_year), "year": fiscal_year(year)}
            if both["base"] == both["year"]:
                return label
            amounts = self.filters.measure.amount_label
            return gettext("%(base)sと%(year)sの%(amounts)sの比較") % (both | {"amounts": amounts})
        if not year and not self.filters.has_all_years:
            return label
        return gettext("%(year)sの%(table)s") % {"year": self.filters.value_label("year"), "table": label}

    @property
    def applied(self) -> dict[str, Any]:
        """Valid parameters for the JSON contract: codes as text, a year as a number, all years as "all"."""
        parameters = {name: value for name, value in self.parameters.items() if name != "unit"}
        if self.has_measure:
            parameters["measure"] = self.filters.measure.value
        return {
            name: int(value) if name in YEAR_PARAMETERS and value != ALL_YEARS else value
            for name, value in parameters.items()
        }

    @property
    def has_measure(self) -> bool:
        """Whether the table counts amounts of a measure, whether asked for or not."""
        return "measure" in self.filters.filters

    @property
    def narrowing_parameters(self) -> list[str]:
        """Names of the parameters that filter rows, other than the years."""
        return [name for name in self.parameters if name not in {*YEAR_PARAMETERS, *ARRANGING_PARAMETERS}]

    @property
    def conditions(self) -> list[tuple[Any, Any]]:
        """(label, value in words) of each valid parameter, and of the measure, whether asked for or not."""
        conditions = {
            name: (self.filters.filters[name].label, self.filters.value_label(name))
            for name in self.parameters
            if name != "unit"
        }
        if self.has_measure:
            conditions["measure"] = (self.filters.filters["measure"].label, self.filters.measure.label)
        return list(conditions.values())

    # Groups

    @cached_property
    def groups(self) -> RowGroups:
        """The groups of the parameter `group`; those of areas and Sakigake projects overlap."""
        year = self.filters.fiscal_year
        match self.parameters.get("group"):
            case "department":
                return RowGroups(group_by_department(self.rows))
            case "year":
                groups = group_by_year(self.filters.rows_of_year(None))
                return RowGroups(replace(group, label=fiscal_year(group.order)) for group in groups)
            case "area":
                return self.matching_groups(group_by_area(self.rows, year, self.total_of_rows))
            case "sakigake":
                return self.matching_groups(group_by_sakigake(self.rows, year, self.total_of_rows))
        return RowGroups()

    @property
    def total_of_rows(self) -> Total | None:
        return self.total.total if isinstance(self.total, BudgetTotal) else None

    def matching_groups(self, overlapping: RowGroups) -> RowGroups:
        """Return all groups, or only the one filtered by: the others would hold nothing but their overlap with it."""
        code = self.parameters.get(self.parameters["group"])
        return RowGroups((group for group in overlapping if code in (None, group.code)), overlapping.outside)

    @property
    def group_label(self) -> str:
        return self.filters.group_label(self.parameters["group"])

    @property
    def group_notes(self) -> list[str]:
        """Sentences that explain the groups."""
        match self.parameters.get("group"):
            case "year":
                return [gettext("年度別の額です。ほかの条件は、どの年度にも同じように当てはめています。")]
            case "area" | "sakigake":
                return self.notes_of_overlap
        return []

    @property
    def notes_of_overlap(self) -> list[str]:
        """Sentences on overlapping groups: they are not summed, and so many rows are in none of them."""
        values = {"group": self.group_label, "rows": f"{self.groups.outside:,}"}
        notes = [
            gettext(
                "一つの事業が複数の%(group)sに載ることがあるため、%(group)s別の額は重複を含みます。各%(group)sの額は足し合わせず、"
                "全体は再掲を除いた額で示します。"
            )
        ]
        if self.groups.outside:
            notes.append(gettext("どの%(group)sにも載っていない%(rows)s件は、全体にだけ含みます。"))
        return [note % values for note in notes]

    # Rows

    def __iter__(self) -> Iterator[TableRow]:
        """Iterate over all rows in the order of `sort`, reading in chunks."""
        return iter(self.table_rows)

    def slice(self, start: int, stop: int) -> list[TableRow]:
        return self.table_rows.slice(start, stop)

    @cached_property
    def table_rows(self) -> TableRows:
        rows = self.rows
        querysets = (
            (rows.table,) if isinstance(rows, BudgetRows | ProjectQuerySet) else getattr(rows, "querysets", (rows,))
        )
        table = COMPARISON_OF_ANY_YEARS if isinstance(rows, ComparedRows) and rows.arranged is None else self.table
        return TableRows(table, querysets, self.parameters.get("sort", ""))

    # Addresses

    def query_string(self, **changes: Any) -> str:
        """Return the query string of the valid parameters with `changes` applied; None removes a parameter."""
        parameters = self.parameters | changes
        return "&".join(encode_parameters(parameters, parameters))

    def address(self, **changes: Any) -> str:
        query = self.query_string(**changes)
        return f"{self.table.path}?{query}" if query else self.table.path

    def file_address(self, extension: str, **changes: Any) -> str:
        query = self.query_string(unit=None, **changes)
        return f"/{self.table.name}.{extension}" + (f"?{query}" if query else "")

    @property
    def url(self) -> str:
        """Absolute URL of the public page with these rows, or of the CSV of a table that is files alone."""
        return settings.SITE_URL + self.address(unit=None)
