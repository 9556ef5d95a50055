"""The control page: what is printed beside what is counted, and first of all what does not agree."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from budgets.reconciliation import Reconciliation
from dxportal.exports.registry import BUDGETS
from dxportal.pages.years import chosen_year


def check(request: HttpRequest) -> HttpResponse:
    year = chosen_year(request)
    found = Reconciliation.of(year.chosen)
    groups = [*found.projects, *found.departments]
    return render(
        request,
        "pages/check.html",
        {
            "year": year,
            "trail": [(BUDGETS.label, BUDGETS.path)],
            "found": found,
            "lending_limits": [group for group in groups if group.lending_limit.is_stated],
        },
    )
