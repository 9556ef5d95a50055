"""The budget desk: the lines of a year, filtered, grouped and drawn; and one year against another."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from budgets.groups import Group, in_years
from budgets.totals import Total
from dxportal.exports.registry import BUDGETS, COMPARISON
from dxportal.exports.selections import Selection
from dxportal.pages.charts import BarChart
from dxportal.pages.tables import TablePage, bar, table_page, tidy
from dxportal.pages.templatetags.printed import fiscal_year


def budgets(request: HttpRequest) -> HttpResponse:
    return table_page(request, BUDGETS, "pages/budgets.html", with_year=True)


def compare(request: HttpRequest) -> HttpResponse:
    selection = Selection(COMPARISON, request.GET)
    if address := tidy(request, selection, with_year=True):
        return redirect(address)
    years = in_years(Total.of_years())
    return render(
        request,
        "pages/compare.html",
        {
            "table": TablePage(selection, request.GET.get("page", "").strip()),
            "selection": selection,
            "years": years,
            "chart": chart_of(years, selection.asked.get("unit")),
            "trail": [(BUDGETS.label, BUDGETS.path)],
            "page_url": selection.url,
        },
    )


def chart_of(years: list[Group], unit: str | None) -> BarChart:
    """The expenditure of every year, all departments together."""
    bars = [bar(fiscal_year(int(group.code)), group.total, unit) for group in years]
    return BarChart.of(
        gettext("年度ごとの予算額"), gettext("全部局の予算額を年度ごとに横棒で比べた図。"), bars, "years"
    )
