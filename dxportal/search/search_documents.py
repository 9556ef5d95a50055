"""Generators of index documents, one for each model, in bulk with a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from budgets.models import BudgetLine, Stage
from catalog.models import (
    Area,
    Countermeasure,
    Department,
    Domain,
    FutureImage,
    Goal,
    Initiative,
    Passage,
    Pillar,
    PillarItem,
    Plan,
    PolicyHeading,
    PolicyMeasure,
    PromotionBody,
    PromotionLink,
    SourceDocument,
    StrategySection,
)
from catalog.models.base import FISCAL_YEARS
from dxportal.search.document_sources import DIGITS, Facets, IndexDocument, Rows, chosen, of, source
from dxportal.search.models import Kind, Narrowing
from projects.models import Appearance, NamedPart, Project, ProjectPart, SakigakeProject

NOWHERE = (10**DIGITS - 1,)  # sorts after everything that is printed


def area(code: str) -> tuple[str, str]:
    return Narrowing.AREA, code


def department(code: str) -> tuple[str, str]:
    return Narrowing.DEPARTMENT, code


def year(number: int) -> tuple[str, str]:
    return Narrowing.YEAR, str(number)


# Appearances, and the projects they refer to


def appearances() -> Any:
    rows = Appearance.objects.current().with_parents().select_related("document", "department", "project")
    return rows.prefetch_related("named_parts")


def order_of(row: Appearance) -> tuple[int, ...]:
    """Return the sort key of an appearance: latest year first, then printed order."""
    above: tuple[int, ...] = (row.sakigake_project.number,) if row.sakigake_project else ()
    if row.countermeasure:
        above = (*order_of_goal(row.countermeasure.goal), row.countermeasure.position)
    return (FISCAL_YEARS[1] - row.fiscal_year, row.document.number, row.page, *above, row.position)


def order_of_goal(goal: Goal) -> tuple[int, ...]:
    return (goal.domain.area.position, goal.domain.position, goal.position)


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


# Areas, down to countermeasures


@source(Area)
def areas_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(Area.objects.current().cited(), pks):
        yield IndexDocument(
            row,
            Kind.AREA,
            title=str(row),
            texts=(row.editorial_note,),
            names=(row.name,),
            order=(row.position,),
            facets={area(row.code)},
        )


@source(FutureImage, of("area"))
def future_images_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(FutureImage.objects.current().select_related("document", "area"), pks):
        yield IndexDocument(
            row,
            Kind.FUTURE_IMAGE,
            title=row.text,
            texts=(row.editorial_note,),
            place=(str(row.area),),
            order=(row.area.position, row.position),
            facets={area(row.area.code)},
            is_named=False,
        )


@source(Domain, of("area"))
def domains_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(Domain.objects.current().select_related("document", "area"), pks):
        yield IndexDocument(
            row,
            Kind.DOMAIN,
            title=row.name,
            texts=(row.editorial_note,),
            place=(str(row.area),),
            order=(row.area.position, row.position),
            facets={area(row.area.code)},
        )


@source(Goal, of("domain"), of("domain__area"))
def goals_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(Goal.objects.current().select_related("document", "domain__area"), pks):
        yield IndexDocument(
            row,
            Kind.GOAL,
            title=row.keyword,
            texts=(row.text, row.editorial_note),
            code=row.code,
            place=(str(row.domain.area), row.domain.name),
            order=order_of_goal(row),
            facets={area(row.domain.area.code)},
        )


@source(Countermeasure, of("goal"), of("goal__domain"), of("goal__domain__area"))
def countermeasures_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(Countermeasure.objects.current().select_related("document", "goal__domain__area"), pks):
        domain = row.goal.domain
        yield IndexDocument(
            row,
            Kind.COUNTERMEASURE,
            title=row.text,
            texts=(row.editorial_note,),
            place=(str(domain.area), domain.name, row.goal.keyword),
            order=(*order_of_goal(row.goal), row.position),
            facets={area(domain.area.code)},
            is_named=False,
        )


# Pillars and prose


@source(Pillar)
def pillars_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(Pillar.objects.current().cited(), pks):
        yield IndexDocument(
            row,
            Kind.PILLAR,
            title=row.name,
            texts=(row.text, row.editorial_note),
            order=(row.position,),
        )


@source(PillarItem, of("pillar"), is_tree=True)
def pillar_items_found(pks: Rows) -> Iterator[IndexDocument]:
    rows = {row.pk: row for row in PillarItem.objects.current().select_related("document", "pillar")}
    for row in rows.values() if pks is None else (rows[pk] for pk in pks if pk in rows):
        above = upwards(row, rows)
        yield IndexDocument(
            row,
            Kind.PILLAR_ITEM,
            title=row.text,
            texts=(row.group, row.editorial_note),
            place=(row.pillar.name, *(one.text for one in above)),
            order=(row.pillar.position, *(one.position for one in above), row.position),
        )


@source(Passage, is_tree=True)
def passages_found(pks: Rows) -> Iterator[IndexDocument]:
    rows = {row.pk: row for row in Passage.objects.current().cited()}
    for row in rows.values() if pks is None else (rows[pk] for pk in pks if pk in rows):
        above = upwards(row, rows)
        yield IndexDocument(
            row,
            Kind.PASSAGE,
            title=row.heading or row.text or row.code,
            texts=(row.text if row.heading else "", row.editorial_note),
            place=(str(row.document), *(one.heading for one in above)),
            order=(row.document.number, *(one.position for one in above), row.position),
            is_named=bool(row.heading),
        )


def upwards(row: Any, rows: dict[Any, Any]) -> list[Any]:
    """Return the rows above a row, topmost first. Stops at a cycle, which `check_plan` reports."""
    above: list[Any] = []
    while (row := rows.get(row.parent_id)) and row not in above:
        above.insert(0, row)
    return above


# Departments, promotion and strategy


@source(Department, of("aliases"))
def departments_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(Department.objects.prefetch_related("aliases"), pks):
        labels = [alias.label for alias in row.aliases.all()]
        yield IndexDocument(
            row,
            Kind.DEPARTMENT,
            title=row.name,
            texts=(*labels, row.contact, row.editorial_note),
            code=row.code,
            names=(*labels,),
            order=(row.position,),
            facets={department(row.code)},
        )


@source(PromotionBody)
def promotion_bodies_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(PromotionBody.objects.current().cited(), pks):
        yield IndexDocument(
            row,
            Kind.PROMOTION,
            title=row.name,
            texts=(row.detail, row.editorial_note),
            order=(1, row.position),
        )


@source(PromotionLink, of("source"), of("target"))
def promotion_links_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(PromotionLink.objects.current().select_related("document", "source", "target"), pks):
        ends = " → ".join(body.name if body else "…" for body in (row.source, row.target))
        yield IndexDocument(
            row,
            Kind.PROMOTION,
            title=row.label,
            texts=(row.editorial_note,),
            place=(ends if row.source or row.target else "",),
            order=(2, row.position),
        )


@source(StrategySection)
def strategy_sections_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(StrategySection.objects.current().cited(), pks):
        yield IndexDocument(
            row,
            Kind.STRATEGY,
            title=str(row),
            texts=(row.editorial_note,),
            names=(row.name,),
            order=(1, row.position),
        )


@source(PolicyHeading, of("section"))
def policy_headings_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(PolicyHeading.objects.current().select_related("document", "section"), pks):
        yield IndexDocument(
            row,
            Kind.STRATEGY,
            title=row.name,
            texts=(row.note, row.editorial_note),
            place=(str(row.section),),
            order=(2, row.section.position, row.position),
        )


@source(PolicyMeasure, of("heading"), of("heading__section"))
def policy_measures_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(PolicyMeasure.objects.current().select_related("document", "heading__section"), pks):
        heading = row.heading
        yield IndexDocument(
            row,
            Kind.STRATEGY,
            title=row.name,
            texts=(row.editorial_note,),
            place=(str(heading.section), heading.name),
            order=(3, heading.section.position, heading.position, row.position),
        )


@source(Initiative, of("measure"), of("measure__heading"), of("measure__heading__section"))
def initiatives_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(Initiative.objects.current().select_related("document", "measure__heading__section"), pks):
        heading = row.measure.heading
        yield IndexDocument(
            row,
            Kind.STRATEGY,
            title=row.text,
            texts=(row.content, row.editorial_note),
            place=(str(heading.section), heading.name, row.measure.name),
            order=(4, heading.section.position, heading.position, row.measure.position, row.position),
        )


# Stages, source documents and plans


@source(Stage)
def stages_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(Stage.objects.all(), pks):
        yield IndexDocument(
            row,
            Kind.STAGE,
            title=row.name,
            texts=(row.editorial_note,),
            order=(row.position,),
        )


@source(SourceDocument, of("plan", "is_current"))
def documents_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(SourceDocument.objects.current(), pks):
        yield IndexDocument(
            row,
            Kind.DOCUMENT,
            title=str(row),
            texts=(row.editorial_note,),
            names=(row.title,),
            order=(row.number,),
        )


@source(Plan)
def plans_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(Plan.objects.filter(is_current=True), pks):
        yield IndexDocument(row, Kind.PLAN, title=row.title, texts=(row.status, row.publisher, row.notice, row.licence))
