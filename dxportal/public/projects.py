"""Pages of projects, Sakigake projects and departments."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from budgets.coverage import read_covered_before
from budgets.ladders import LadderLine, build_ladders
from budgets.models import BudgetLine, BudgetRow, Measure, Stage
from budgets.models.stages import StageQuerySet
from budgets.models.table import BudgetRowQuerySet
from budgets.rows import BudgetRows
from budgets.sakigake import Money, sakigake_money
from budgets.totals import Total
from budgets.years import read_years_of_department, read_years_of_sakigake_project
from catalog.compiled_queries import compiled_query
from catalog.contents import departments
from catalog.models import Department, DepartmentAlias, Passage
from catalog.models.plans import PassageQuerySet
from dxportal.money_and_years import percent_of
from dxportal.public.get_or_404 import get_or_404
from dxportal.public.line_rows import BudgetLineEntry, budget_line_fields
from dxportal.public.listings import APPEARANCE_PARENTS
from dxportal.public.prev_next import neighbours
from dxportal.public.tables import TablePage, canonical_address
from dxportal.public.tree import by_parent, tree
from dxportal.public.years import chosen_year
from dxportal.tables.registry import SAKIGAKE
from dxportal.tables.selections import Selection
from dxportal.tables.totals import BudgetTotal, describe_total
from projects.models import Appearance, NamedPart, Project, ProjectCount, ProjectPart, SakigakeProject
from projects.models.appearances import AppearanceQuerySet, with_parts
from projects.models.projects import ProjectQuerySet

MAX_ROWS_PER_KIND = 20  # rows of each kind on a department's page; the budget table has all


def project_detail(request: HttpRequest, code: str) -> HttpResponse:
    project = get_or_404(projects_with_code(code))
    lines = lines_of_project(project.pk)
    ladders = build_ladders(map(make_ladder_line, lines), read_covered_before())
    return render(
        request,
        "public/project_detail.html",
        {
            "project": project,
            "parts": parts_of(project.pk),
            "lines": [BudgetLineEntry._make(values) for *values, _, _, _, _, _ in lines],
            "notes_of_stages": dict.fromkeys(note for *_, note in lines),
            "ladders": ladders,
            "appearances": with_parts(appearances_of(project.pk), appearance_parts(project.pk)),
        },
    )


@compiled_query
def projects_with_code(code: str) -> ProjectQuerySet:
    return Project.objects.select_related("department").filter(code=code)


@compiled_query
def parts_of(project: UUID) -> QuerySet[ProjectPart]:
    return ProjectPart.objects.filter(project=project)


@compiled_query
def lines_of_project(project: UUID) -> QuerySet[BudgetLine, tuple[Any, ...]]:
    """Select the fields of `BudgetLineEntry`, then key, role, position, code and note of the stage."""
    lines = BudgetLine.objects.filter(project=project).in_order()
    stage = ("stage", "stage__role", "stage__position", "stage__code", "stage__editorial_note")
    return lines.values_list(*budget_line_fields("department"), *stage)


def make_ladder_line(values: tuple[Any, ...]) -> LadderLine:
    *entry, stage, role, position, code, _ = values
    line = BudgetLineEntry._make(entry)
    return LadderLine(line.fiscal_year, line.kind, stage, line.stage, role, (position, code), line.thousand_yen)


@compiled_query
def appearances_of(project: UUID) -> AppearanceQuerySet:
    appearances = Appearance.objects.current().filter(project=project)
    return appearances.select_related("document", *APPEARANCE_PARENTS).in_printed_order()


@compiled_query
def appearance_parts(project: UUID) -> QuerySet[NamedPart]:
    return NamedPart.objects.filter(appearance__project=project)


class SakigakeSelection(Selection):
    """A selection whose total is computed from the amounts of all Sakigake projects, which the page reads anyway."""

    @cached_property
    def money(self) -> tuple[dict[SakigakeProject, Money], Money]:
        """The sums of each Sakigake project of the year, and the grand total."""
        return sakigake_money(self.filters.fiscal_year, self.filters.measure)

    @cached_property
    def total(self) -> Money:
        _, everything = self.money
        return everything.only(set(self.rows.values_list("pk", flat=True))) if self.narrowing_parameters else everything


def sakigake_list(request: HttpRequest) -> HttpResponse:
    selection = SakigakeSelection(SAKIGAKE, request.GET)
    if address := canonical_address(request, selection, with_year=False):
        return redirect(address)
    money, everything = selection.money
    return render(
        request,
        "public/sakigake_list.html",
        {
            "money": money,
            "everything": everything,
            "passages": tree(sakigake_introduction()),
            "table": TablePage(selection, request.GET.get("page", "").strip()),
            "selection": selection,
            "page_url": selection.url,
        },
    )


@compiled_query
def sakigake_introduction() -> PassageQuerySet:
    """Select the prose of the documents that print Sakigake projects."""
    documents = SakigakeProject.objects.current().values("document")
    return Passage.objects.current().filter(document__in=documents).cited()


def sakigake_detail(request: HttpRequest, number: int) -> HttpResponse:
    years = read_years_of_sakigake_project(number)
    year = chosen_year(request, years.own_rows)
    measure = years.opening_measure(year.chosen)
    money, _ = sakigake_money(year.chosen, measure)
    project = get_or_404(project for project in money if project.number == number)
    return render(
        request,
        "public/sakigake_detail.html",
        {
            "project": project,
            "money": money[project].with_appearances(components_with_parts(project.pk, year.chosen)),
            "stages": [stage for stage in stages() if stage.pk in money[project].stages],
            "year": year,
            "measure": measure,
            **neighbours(project, money),
        },
    )


def components_with_parts(sakigake: UUID, fiscal_year: int) -> list[Appearance]:
    return with_parts(component_appearances(sakigake, fiscal_year), component_parts(sakigake, fiscal_year))


@compiled_query
def component_appearances(sakigake: UUID, fiscal_year: int) -> AppearanceQuerySet:
    components = Appearance.objects.filter(sakigake_project=sakigake).for_year(fiscal_year)
    return components.select_related("project", "department", "document")


@compiled_query
def component_parts(sakigake: UUID, fiscal_year: int) -> QuerySet[NamedPart]:
    return NamedPart.objects.filter(appearance__sakigake_project=sakigake, appearance__fiscal_year=fiscal_year)


@compiled_query
def stages() -> StageQuerySet:
    return Stage.objects.all()


def department_list(request: HttpRequest) -> HttpResponse:
    names = by_parent(aliases(), "department")
    departments_with_names = [(department, names[department.pk]) for department in departments_with_project_count()]
    return render(request, "public/department_list.html", {"departments": departments_with_names})


@compiled_query
def departments_with_project_count() -> QuerySet[Department]:
    count = Subquery(ProjectCount.objects.filter(department=OuterRef("pk")).values("projects"))
    return Department.objects.in_order().annotate(project_count=Coalesce(count, 0))


@compiled_query
def aliases() -> QuerySet[DepartmentAlias]:
    return DepartmentAlias.objects.all()


def department_detail(request: HttpRequest, code: str) -> HttpResponse:
    order = departments()
    department = get_or_404(department for department in order if department.code == code)
    years = read_years_of_department(department.pk)
    year = chosen_year(request, years.own_rows)
    measure = years.opening_measure(year.chosen)
    totals = Total.of_departments(year.chosen, measure)
    total = totals.get(department.pk, Total.together([]))
    budget = BudgetTotal(BudgetRows.of(year.chosen, measure).filter(department=department))
    return render(
        request,
        "public/department_detail.html",
        {
            "department": department,
            "aliases": by_parent(aliases(), "department")[department.pk],
            "year": year,
            "measure": measure,
            "lines": [BudgetLineEntry._make(values) for values in first_lines(department.pk, year.chosen, measure)],
            "not_stated": [row.project for row in first_without_amount(department.pk, year.chosen, measure)],
            "max_rows": MAX_ROWS_PER_KIND,
            "total": total,
            "note": describe_total(budget),
            "by_measure": {
                each: budget.by_measure[each]
                for each in years.distinct_measures(year.chosen)
                if each in budget.by_measure
            },
            "share": percent_of(
                total.expenditure_thousand_yen, Total.together(totals.values()).expenditure_thousand_yen
            ),
            **neighbours(department, order),
        },
    )


@compiled_query
def first_lines(department: UUID, fiscal_year: int, measure: Measure) -> QuerySet[BudgetRow, tuple[Any, ...]]:
    rows = BudgetRow.objects.of_measure(measure).of_lines().for_year(fiscal_year).filter(department=department)
    return rows.in_order().values_list(*budget_line_fields("project", "line__"))[:MAX_ROWS_PER_KIND]


@compiled_query
def first_without_amount(department: UUID, fiscal_year: int, measure: Measure) -> BudgetRowQuerySet:
    rows = BudgetRow.objects.of_measure(measure).of_projects().for_year(fiscal_year).filter(department=department)
    return rows.in_order().select_related("project")[:MAX_ROWS_PER_KIND]
