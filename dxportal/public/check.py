"""Check page: reconciliation of printed with counted amounts, findings first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from budgets.reconciliation import Reconciliation
from budgets.years import read_years
from dxportal.public.balance_tables import BalanceTable
from dxportal.public.years import chosen_year
from dxportal.tables.registry import BUDGETS
from projects.models import AmountKind


def check_page(request: HttpRequest) -> HttpResponse:
    years = read_years()
    year = chosen_year(request, years.check)
    reconciliation = Reconciliation.of(year.chosen, years.opening_measure(year.chosen))
    groups = (*reconciliation.projects, *reconciliation.departments)
    with_lending_limit = [group for group in groups if group.lending_limit.is_stated]
    return render(
        request,
        "public/check.html",
        {
            "year": year,
            "trail": [(BUDGETS.label, BUDGETS.path)],
            "reconciliation": reconciliation,
            "projects": BalanceTable(
                reconciliation.projects, reconciliation.all_projects, AmountKind.EXPENDITURE, has_outside_lines=False
            ),
            "departments": BalanceTable(
                reconciliation.departments,
                reconciliation.all_departments,
                AmountKind.EXPENDITURE,
                has_outside_lines=True,
            ),
            "lending_limits": BalanceTable(
                with_lending_limit, reconciliation.all_departments, AmountKind.LENDING_LIMIT, has_outside_lines=True
            ),
        },
    )
