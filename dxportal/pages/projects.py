"""Projects, Sakigake projects and departments."""

from __future__ import annotations

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from budgets.rows import BudgetRows
from budgets.sakigake import sakigake_money
from budgets.totals import Total
from catalog.models import Department, Passage
from dxportal.exports.registry import SAKIGAKE
from dxportal.exports.selections import Selection
from dxportal.exports.totals import sentence
from dxportal.pages.listings import PLACE
from dxportal.pages.neighbours import neighbours
from dxportal.pages.tables import TablePage, tidy
from dxportal.pages.templatetags.printed import percent_of
from dxportal.pages.trees import tree
from dxportal.pages.years import chosen_year
from projects.models import Project, ProjectPlace, SakigakeProject

MOST_ROWS = 20  # that a department's page shows of each kind; the table of the budget has them all


def project_detail(request: HttpRequest, code: str) -> HttpResponse:
    project = get_object_or_404(Project.objects.select_related("department"), code=code)
    lines = project.budget_lines.select_related("part", "stage", "department", "document").in_order()
    appearances = project.appearances.current().select_related("document", *PLACE).prefetch_related("named_parts")
    return render(
        request,
        "pages/project_detail.html",
        {
            "project": project,
            "parts": project.parts.all(),
            "lines": lines,
            "stages": {line.stage_id: line.stage for line in lines}.values(),
            "appearances": appearances.in_printed_order(),
        },
    )


def sakigake_list(request: HttpRequest) -> HttpResponse:
    selection = Selection(SAKIGAKE, request.GET)
    if address := tidy(request, selection, with_year=False):
        return redirect(address)
    money, everything = sakigake_money(selection.filters.fiscal_year)
    selection.total = everything.only(set(selection.rows.values_list("pk", flat=True)))
    passages = Passage.objects.current().filter(document__in=SakigakeProject.objects.current().values("document"))
    return render(
        request,
        "pages/sakigake_list.html",
        {
            "money": money,
            "everything": everything,
            "passages": tree(passages.cited()),
            "table": TablePage(selection, request.GET.get("page", "").strip()),
            "selection": selection,
            "page_url": selection.url,
        },
    )


def sakigake_detail(request: HttpRequest, number: int) -> HttpResponse:
    year = chosen_year(request)
    money, _ = sakigake_money(year.chosen)
    project = next((project for project in money if project.number == number), None)
    if project is None:
        raise Http404
    return render(
        request,
        "pages/sakigake_detail.html",
        {"project": project, "money": money[project], "year": year, **neighbours(project, money)},
    )


def department_list(request: HttpRequest) -> HttpResponse:
    places = ProjectPlace.objects.filter(department=OuterRef("pk")).order_by("-place_in_department")
    count = Subquery(places.values("place_in_department")[:1])
    departments = Department.objects.in_order().prefetch_related("aliases").annotate(project_count=Coalesce(count, 0))
    return render(request, "pages/department_list.html", {"departments": departments})


def department_detail(request: HttpRequest, code: str) -> HttpResponse:
    department = get_object_or_404(Department.objects.prefetch_related("aliases"), code=code)
    year = chosen_year(request)
    totals = Total.by("department", BudgetRows.of(year.chosen))
    total = totals.get(department.pk, Total.together([]))
    rows = BudgetRows.of(year.chosen).where(Q(department=department)).table.in_order()
    return render(
        request,
        "pages/department_detail.html",
        {
            "department": department,
            "year": year,
            "lines": [row.line for row in rows.of_lines().with_lines()[:MOST_ROWS]],
            "not_stated": [row.project for row in rows.without_amount().select_related("project")[:MOST_ROWS]],
            "most_rows": MOST_ROWS,
            "total": total,
            "note": sentence(total),
            "share": percent_of(
                total.expenditure_thousand_yen, Total.together(totals.values()).expenditure_thousand_yen
            ),
            **neighbours(department, Department.objects.all()),
        },
    )
