"""Documents of appearances, and of the projects and Sakigake projects that they refer to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from budgets.models import BudgetLine
from catalog.models import Department
from catalog.models.base import FISCAL_YEARS
from dxportal.search.document_sources import DIGITS, Facets, IndexDocument, Rows, chosen, of, source
from dxportal.search.models import Kind
from dxportal.search.search_documents.area_documents import order_of_goal
from dxportal.search.search_documents.facet_values import area, department, year
from projects.models import Appearance, NamedPart, Project, ProjectPart, SakigakeProject

NOWHERE = (10**DIGITS - 1,)  # sorts after everything that is printed


def appearances() -> Any:
    rows = Appearance.objects.current().with_parents().select_related("document", "department", "project")
    return rows.prefetch_related("named_parts")


def order_of(row: Appearance) -> tuple[int, ...]:
    """Return the sort key of an appearance: latest year first, then printed order."""
    above: tuple[int, ...] = (row.sakigake_project.number,) if row.sakigake_project else ()
    if row.countermeasure:
        above = (*order_of_goal(row.countermeasure.goal), row.countermeasure.position)
    return (FISCAL_YEARS[1] - row.fiscal_year, row.document.number, row.page, *above, row.position)


def place_of(row: Any) -> tuple[str, ...]:
    if row.countermeasure:
        goal = row.countermeasure.goal
        return str(goal.domain.area), goal.domain.name, goal.keyword
    return row.sakigake_project.plan.sakigake_label, str(row.sakigake_project)


def printed_line(row: Appearance) -> str:
    """Return the name with the parts in brackets and the mark 再掲, as printed on one line."""
    mark = row.document.repeat_mark if row.is_repeat else ""
    parts = "".join(
        part.brackets[0] + part.label + part.brackets[1] + mark_of(part, row) for part in row.named_in_brackets
    )
    return row.printed_name + (mark + parts if row.repeat_before_parts else parts + mark)


def mark_of(part: NamedPart, row: Appearance) -> str:
    return row.document.repeat_mark if part.is_repeat else ""


@source(
    Appearance,
    of("named_parts"),
    of("project", "kana"),
    of("department", "code"),
    of("countermeasure"),
    of("countermeasure__goal"),
    of("countermeasure__goal__domain"),
    of("countermeasure__goal__domain__area"),
    of("sakigake_project"),
)
def appearances_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(appearances(), pks):
        facets = {year(row.fiscal_year), department(row.department.code)}
        if row.countermeasure:
            facets.add(area(row.countermeasure.goal.domain.area.code))
        below = [text for part in row.named_below for text in (part.label + mark_of(part, row), part.detail)]
        details = [part.detail for part in row.named_in_brackets]
        yield IndexDocument(
            row,
            Kind.LISTING if row.countermeasure else Kind.COMPONENT,
            title=printed_line(row),
            texts=(row.note, *below, *details, row.editorial_note),
            names=(row.project.kana,),
            place=place_of(row),
            around=(row.printed_department,),
            order=order_of(row),
            facets=facets,
        )


@source(
    Project,
    of("parts"),
    of("department", "code", "name"),
    of("budget_lines", "project_id", "fiscal_year", "department_id", "editorial_note"),
    of("budget_lines__department", "code"),
    of("appearances"),
    of("appearances__plan", "is_current", "sakigake_label"),
    of("appearances__document", "number"),
    of("appearances__department", "code"),
    of("appearances__countermeasure"),
    of("appearances__countermeasure__goal"),
    of("appearances__countermeasure__goal__domain"),
    of("appearances__countermeasure__goal__domain__area"),
    of("appearances__sakigake_project"),
)
def projects_found(pks: Rows) -> Iterator[IndexDocument]:
    facets: dict[Any, Facets] = defaultdict(set)
    first: dict[Any, tuple[int, ...]] = {}
    around: dict[Any, list[str]] = defaultdict(list)
    notes: dict[Any, list[str]] = defaultdict(list)
    parts: dict[Any, list[str]] = defaultdict(list)
    of_projects = Q() if pks is None else Q(project__in=pks)
    for row in appearances().filter(of_projects):
        facets[row.project_id] |= {year(row.fiscal_year), department(row.department.code)}
        if row.countermeasure:
            facets[row.project_id].add(area(row.countermeasure.goal.domain.area.code))
        first[row.project_id] = min(order_of(row), first.get(row.project_id, order_of(row)))
        around[row.project_id] += [*place_of(row), row.printed_department]
    lines = BudgetLine.objects.filter(of_projects)
    stated = lines.order_by("project").values_list("project", "fiscal_year", "department__code")
    for of_project, fiscal_year, code in stated.iterator():
        facets[of_project].update((year(fiscal_year), department(code)))
    noted = lines.exclude(editorial_note="").order_by("-fiscal_year", "editorial_note")
    for of_project, note in noted.values_list("project", "editorial_note").iterator():
        notes[of_project].append(note)
    for of_project, name in ProjectPart.objects.filter(of_projects).values_list("project", "name"):
        parts[of_project].append(name)
    departments = Department.objects.in_bulk()
    for project in chosen(Project.objects.all(), pks).iterator():
        in_charge = departments[project.department_id]
        yield IndexDocument(
            project,
            Kind.PROJECT,
            title=project.name,
            texts=(*parts[project.pk], project.editorial_note, *dict.fromkeys(notes[project.pk])),
            code=project.code,
            names=(project.kana, *parts[project.pk]),
            place=(in_charge.name,),
            around=tuple(around[project.pk]),
            order=first.get(project.pk, NOWHERE),
            facets=facets[project.pk] | {department(in_charge.code)},
        )


@source(SakigakeProject, of("components"), of("components__department", "code"))
def sakigake_found(pks: Rows) -> Iterator[IndexDocument]:
    facets: dict[Any, Facets] = defaultdict(set)
    components = Appearance.objects.current().components().order_by()
    if pks is not None:
        components = components.filter(sakigake_project__in=pks)
    for row, fiscal_year, code in components.values_list("sakigake_project", "fiscal_year", "department__code"):
        facets[row] |= {year(fiscal_year), department(code)}
    for project in chosen(SakigakeProject.objects.current().select_related("plan", "document"), pks):
        yield IndexDocument(
            project,
            Kind.SAKIGAKE,
            title=project.name,
            texts=(project.description, project.editorial_note),
            names=(f"{project.plan.sakigake_label}{project.number}",),
            place=(project.plan.sakigake_label,),
            order=(project.number,),
            facets=facets[project.pk],
        )
