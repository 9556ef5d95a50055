"""Documents of appearances, and of the projects and Sakigake projects that they refer to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from budgets.models import BudgetLine
from catalog.models import Department
from catalog.models.base import FISCAL_YEARS
from dxportal.search.document_sources import (
    SORT_KEY_DIGITS,
    Facets,
    IndexDocument,
    PrimaryKeys,
    depends_on,
    document_source,
    filter_by_key,
)
from dxportal.search.models import DocumentKind
from dxportal.search.search_documents.area_documents import goal_order
from dxportal.search.search_documents.facet_values import area_facet, department_facet, year_facet
from projects.models import Appearance, NamedPart, Project, ProjectPart, SakigakeProject

UNPRINTED_ORDER = (10**SORT_KEY_DIGITS - 1,)  # sorts after everything that is printed


def current_appearances() -> Any:
    rows = Appearance.objects.current().with_parents().select_related("document", "department", "project")
    return rows.prefetch_related("named_parts")


def appearance_order(row: Appearance) -> tuple[int, ...]:
    """Return the sort key of an appearance: latest year first, then printed order."""
    parent_order: tuple[int, ...] = (row.sakigake_project.number,) if row.sakigake_project else ()
    if row.countermeasure:
        parent_order = (*goal_order(row.countermeasure.goal), row.countermeasure.position)
    return (FISCAL_YEARS[1] - row.fiscal_year, row.document.number, row.page, *parent_order, row.position)


def parent_path(row: Any) -> tuple[str, ...]:
    if row.countermeasure:
        goal = row.countermeasure.goal
        return str(goal.domain.area), goal.domain.name, goal.keyword
    return row.sakigake_project.plan.sakigake_label, str(row.sakigake_project)


def printed_line(row: Appearance) -> str:
    """Return the name with the parts in brackets and the mark 再掲, as printed on one line."""
    mark = row.document.repeat_mark if row.is_repeat else ""
    parts = "".join(
        part.brackets[0] + part.label + part.brackets[1] + repeat_mark_of(part, row) for part in row.named_in_brackets
    )
    return row.printed_name + (mark + parts if row.repeat_before_parts else parts + mark)


def repeat_mark_of(part: NamedPart, row: Appearance) -> str:
    return row.document.repeat_mark if part.is_repeat else ""


@document_source(
    Appearance,
    depends_on("named_parts"),
    depends_on("project", "kana"),
    depends_on("department", "code"),
    depends_on("countermeasure"),
    depends_on("countermeasure__goal"),
    depends_on("countermeasure__goal__domain"),
    depends_on("countermeasure__goal__domain__area"),
    depends_on("sakigake_project"),
)
def appearance_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    for row in filter_by_key(current_appearances(), pks):
        facets = {year_facet(row.fiscal_year), department_facet(row.department.code)}
        if row.countermeasure:
            facets.add(area_facet(row.countermeasure.goal.domain.area.code))
        below = [text for part in row.named_below for text in (part.label + repeat_mark_of(part, row), part.detail)]
        details = [part.detail for part in row.named_in_brackets]
        yield IndexDocument(
            row,
            DocumentKind.LISTING if row.countermeasure else DocumentKind.COMPONENT,
            title=printed_line(row),
            texts=(row.note, *below, *details, row.editorial_note),
            names=(row.project.kana,),
            place=parent_path(row),
            context=(row.printed_department,),
            order=appearance_order(row),
            facets=facets,
        )


@document_source(
    Project,
    depends_on("parts"),
    depends_on("department", "code", "name"),
    depends_on("budget_lines", "project_id", "fiscal_year", "department_id", "editorial_note"),
    depends_on("budget_lines__department", "code"),
    depends_on("appearances"),
    depends_on("appearances__plan", "is_current", "sakigake_label"),
    depends_on("appearances__document", "number"),
    depends_on("appearances__department", "code"),
    depends_on("appearances__countermeasure"),
    depends_on("appearances__countermeasure__goal"),
    depends_on("appearances__countermeasure__goal__domain"),
    depends_on("appearances__countermeasure__goal__domain__area"),
    depends_on("appearances__sakigake_project"),
)
def project_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    facets: dict[Any, Facets] = defaultdict(set)
    orders: dict[Any, tuple[int, ...]] = {}
    contexts: dict[Any, list[str]] = defaultdict(list)
    notes: dict[Any, list[str]] = defaultdict(list)
    parts: dict[Any, list[str]] = defaultdict(list)
    is_of_projects = Q() if pks is None else Q(project__in=pks)
    for row in current_appearances().filter(is_of_projects):
        facets[row.project_id] |= {year_facet(row.fiscal_year), department_facet(row.department.code)}
        if row.countermeasure:
            facets[row.project_id].add(area_facet(row.countermeasure.goal.domain.area.code))
        order = appearance_order(row)
        orders[row.project_id] = min(order, orders.get(row.project_id, order))
        contexts[row.project_id] += [*parent_path(row), row.printed_department]
    lines = BudgetLine.objects.filter(is_of_projects)
    lines_by_project = lines.order_by("project").values_list("project", "fiscal_year", "department__code")
    for project_id, fiscal_year, code in lines_by_project.iterator():
        facets[project_id].update((year_facet(fiscal_year), department_facet(code)))
    lines_with_note = lines.exclude(editorial_note="").order_by("-fiscal_year", "editorial_note")
    for project_id, note in lines_with_note.values_list("project", "editorial_note").iterator():
        notes[project_id].append(note)
    for project_id, name in ProjectPart.objects.filter(is_of_projects).values_list("project", "name"):
        parts[project_id].append(name)
    departments = Department.objects.in_bulk()
    for project in filter_by_key(Project.objects.all(), pks).iterator():
        department = departments[project.department_id]
        yield IndexDocument(
            project,
            DocumentKind.PROJECT,
            title=project.name,
            texts=(*parts[project.pk], project.editorial_note, *dict.fromkeys(notes[project.pk])),
            code=project.code,
            names=(project.kana, *parts[project.pk]),
            place=(department.name,),
            context=tuple(contexts[project.pk]),
            order=orders.get(project.pk, UNPRINTED_ORDER),
            facets=facets[project.pk] | {department_facet(department.code)},
        )


@document_source(SakigakeProject, depends_on("components"), depends_on("components__department", "code"))
def sakigake_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    facets: dict[Any, Facets] = defaultdict(set)
    components = Appearance.objects.current().components().order_by()
    if pks is not None:
        components = components.filter(sakigake_project__in=pks)
    for row, fiscal_year, code in components.values_list("sakigake_project", "fiscal_year", "department__code"):
        facets[row] |= {year_facet(fiscal_year), department_facet(code)}
    for project in filter_by_key(SakigakeProject.objects.current().select_related("plan", "document"), pks):
        yield IndexDocument(
            project,
            DocumentKind.SAKIGAKE,
            title=project.name,
            texts=(project.description, project.editorial_note),
            names=(f"{project.plan.sakigake_label}{project.number}",),
            place=(project.plan.sakigake_label,),
            order=(project.number,),
            facets=facets[project.pk],
        )
