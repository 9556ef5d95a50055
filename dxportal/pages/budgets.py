"""The budget desk: the lines of a year, filtered, grouped and drawn."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from dxportal.exports.registry import BUDGETS
from dxportal.pages.tables import table_page


def budgets(request: HttpRequest) -> HttpResponse:
    return table_page(request, BUDGETS, "pages/budgets.html", with_year=True)
