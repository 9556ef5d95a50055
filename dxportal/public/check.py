"""Check page: reconciliation of printed with counted amounts, findings first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from budgets.reconciliation import Reconciliation
from dxportal.public.balance_tables import BalanceTable
from dxportal.public.years import chosen_year
from dxportal.tables.registry import BUDGETS
from projects.models import AmountKind


def check(request: HttpRequest) -> HttpResponse:
    year = chosen_year(request)
    found = Reconciliation.of(year.chosen)
    stated = [group for group in (*found.projects, *found.departments) if group.lending_limit.is_stated]
    return render(
        request,
        "public/check.html",
        {
            "year": year,
            "trail": [(BUDGETS.label, BUDGETS.path)],
            "found": found,
            "projects": BalanceTable(found.projects, found.all_projects, AmountKind.EXPENDITURE, outside=False),
            "departments": BalanceTable(found.departments, found.all_departments, AmountKind.EXPENDITURE, outside=True),
            "lending_limits": BalanceTable(stated, found.all_departments, AmountKind.LENDING_LIMIT, outside=True),
        },
    )
