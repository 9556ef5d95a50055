"""Budget pages: the lines of a year, filtered, grouped and charted; and the year-on-year comparison."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from budgets.groups import RowGroup, make_year_groups
from budgets.totals import Total
from dxportal.money_and_years import fiscal_year
from dxportal.public.charts import BarChart
from dxportal.public.tables import TablePage, canonical_address, expenditure_bars, table_page
from dxportal.tables.registry import BUDGETS, COMPARISON
from dxportal.tables.selections import Selection


def budgets(request: HttpRequest) -> HttpResponse:
    return table_page(request, BUDGETS, "public/budgets.html", with_year=True)


def compare(request: HttpRequest) -> HttpResponse:
    selection = Selection(COMPARISON, request.GET)
    if address := canonical_address(request, selection, with_year=True):
        return redirect(address)
    years = [replace(group, label=fiscal_year(group.order)) for group in make_year_groups(Total.of_years())]
    filters: Any = selection.filters
    is_comparable = filters.base_year != filters.fiscal_year or sum(bool(year.total.counted_rows) for year in years) > 1
    return render(
        request,
        "public/compare.html",
        {
            "table": TablePage(selection, request.GET.get("page", "").strip()),
            "selection": selection,
            "years": years,
            "is_comparable": is_comparable,
            "chart": chart_years(years, selection.parameters.get("unit")),
            "trail": [(BUDGETS.label, BUDGETS.path)],
            "page_url": selection.url,
        },
    )


def chart_years(years: list[RowGroup], unit: str | None) -> BarChart:
    """Chart the expenditure of every year, summed over all departments."""
    bars = expenditure_bars(years, unit)
    return BarChart.from_bars(
        gettext("年度別の予算額"), gettext("全部局の予算額を年度別に横棒で比べた図。"), bars, "years"
    )
