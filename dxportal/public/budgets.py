"""Budget pages: the lines of a year, filtered, grouped and charted; and the year-on-year comparison."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from budgets.groups import RowGroup, make_year_groups
from budgets.models import Measure
from budgets.totals import Total
from dxportal.changesets.current_plan import current_plan
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
    filters: Any = selection.filters
    groups = make_year_groups(Total.of_years(filters.measure))
    years = [replace(group, label=fiscal_year(group.order)) for group in groups]
    is_comparable = filters.base_year != filters.fiscal_year or sum(bool(year.total.counted_rows) for year in years) > 1
    return render(
        request,
        "public/compare.html",
        {
            "table": ComparisonPage(selection, request.GET.get("page", "").strip()),
            "selection": selection,
            "years": years,
            "is_comparable": is_comparable,
            "chart": chart_years(years, filters.measure, selection.parameters.get("unit")),
            "trail": [(BUDGETS.label, BUDGETS.path)],
            "page_url": selection.url,
        },
    )


class ComparisonPage(TablePage):
    """Page of the comparison; it tells that a reason is missing where the amount changed by the plan's threshold."""

    def __init__(self, selection: Selection, requested_page: str) -> None:
        super().__init__(selection, requested_page)
        plan = current_plan()
        threshold = plan.reason_threshold_percent if plan else None
        if threshold is None:
            return
        for row in self.page.object_list:
            percent = row["change_percent"]
            if percent is not None and abs(percent) >= threshold and not row["reason"]:
                row["reason"] = gettext("理由は示されていません")


def chart_years(years: list[RowGroup], measure: Measure, unit: str | None) -> BarChart:
    """Chart the expenditure of every year, summed over all departments."""
    values = {"label": measure.amount_label}
    title = gettext("年度別の%(label)s") % values
    description = gettext("全部局の%(label)sを年度別に横棒で比べた図。") % values
    return BarChart.from_bars(title, description, expenditure_bars(years, unit), "years")
