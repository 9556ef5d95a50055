"""What can be found, made from the rows of the catalogue: for each model one function, in bulk.

A function reads what its models say with a fixed number of queries. `reads` of its `Source` names every model whose
rows have an influence on its entries, so that a change need only make those anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import models
from django.utils.translation import gettext

from budgets.models import BudgetLine, Stage
from catalog.models import (
    Area,
    Countermeasure,
    Department,
    DepartmentAlias,
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
from dxportal.search.folding import fold
from dxportal.search.models import BOUNDARY, Entry, EntryFacet, Kind, Narrowing
from projects.models import Appearance, NamedPart, Project, ProjectPart, SakigakeProject

Model = type[models.Model]
Facets = set[tuple[str, str]]

STEP = " › "
DIGITS = 10  # of the largest position there can be
KIND_ORDER = {kind: place for place, kind in enumerate(Kind)}


@dataclass
class Found:
    """An entry with its facets, before it is stored. `texts` and `names`: fields beside the title, shown and not."""

    row: Any
    kind: Kind
    title: str
    texts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    order: tuple[int, ...] = ()
    facets: Facets = field(default_factory=set)

    @cached_property
    def entry(self) -> Entry:
        title, *texts = (one_line(text) for text in (self.title, *self.texts))
        texts = [text for text in texts if text]
        folded_title = fold(title).text
        names = [folded_title, *(fold(name).text for name in self.names if name)]
        document = getattr(self.row, "document", None)
        return Entry(
            row=self.row.pk,
            model=self.row._meta.label_lower,
            kind=self.kind,
            title=title,
            text=BOUNDARY.join(texts),
            folded_title=folded_title,
            folded_names=BOUNDARY.join(names),
            folded=BOUNDARY.join([*names, *(fold(text).text for text in texts)]),
            url=self.row.get_absolute_url(),
            place=STEP.join(filter(None, self.place)),
            order="".join(f"{number:0{DIGITS}}" for number in (KIND_ORDER[self.kind], *self.order)),
            document=document.label if document else "",
            document_number=document.number if document else None,
            page=self.row.page if document else None,
            page_to=self.row.page_to if document else None,
        )

    @property
    def stored_facets(self) -> Iterator[EntryFacet]:
        return (EntryFacet(entry_id=self.row.pk, name=name, code=code) for name, code in sorted(self.facets))


@dataclass(frozen=True)
class Source:
    """The entries of a model, and the models that they are made of."""

    model: Model
    found: Callable[[], Iterator[Found]]
    reads: frozenset[Model]


SOURCES: list[Source] = []


def source(model: Model, *reads: Model) -> Callable[[Callable[[], Iterator[Found]]], Callable[[], Iterator[Found]]]:
    def register(found: Callable[[], Iterator[Found]]) -> Callable[[], Iterator[Found]]:
        SOURCES.append(Source(model, found, frozenset({model, Plan, SourceDocument, *reads})))
        return found

    return register


def sources_of(changed: Collection[Model] | None) -> list[Source]:
    """The sources that read any of the models; all of them for None."""
    return [one for one in SOURCES if changed is None or one.reads & set(changed)]


def one_line(text: str) -> str:
    return " ".join(text.splitlines())


def area(code: str) -> tuple[str, str]:
    return Narrowing.AREA, code


def department(code: str) -> tuple[str, str]:
    return Narrowing.DEPARTMENT, code


def year(number: int) -> tuple[str, str]:
    return Narrowing.YEAR, str(number)


# Appearances, and the projects they speak of

OF_APPEARANCES: tuple[Model, ...] = (
    Appearance,
    NamedPart,
    Project,
    ProjectPart,
    Department,
    Countermeasure,
    Goal,
    Domain,
    Area,
    SakigakeProject,
)


def appearances() -> Any:
    rows = Appearance.objects.current().with_parents().select_related("document", "department", "project")
    return rows.prefetch_related("named_parts")


def order_of(row: Appearance) -> tuple[int, ...]:
    """The latest year first, then the order of print as far as it can be said in numbers."""
    measure, sakigake = row.countermeasure, row.sakigake_project
    above: tuple[int, ...] = (sakigake.number,) if sakigake else ()
    if measure:
        above = (*order_of_goal(measure.goal), measure.position)
    return (FISCAL_YEARS[1] - row.fiscal_year, row.document.number, row.page, *above, row.position)


def order_of_goal(goal: Goal) -> tuple[int, ...]:
    return (goal.domain.area.position, goal.domain.position, goal.position)


def printed_line(row: Appearance) -> str:
    """The name with the parts in brackets and the mark of a repeat, as they are printed on one line."""
    mark = row.document.repeat_mark if row.is_repeat else ""
    parts = "".join(
        part.brackets[0] + part.label + part.brackets[1] + (row.document.repeat_mark if part.is_repeat else "")
        for part in row.named_in_brackets
    )
    return row.printed_name + (mark + parts if row.repeat_before_parts else parts + mark)


def label_of(part: NamedPart, row: Appearance) -> str:
    """A part on a line of its own, with its mark."""
    return part.label + (row.document.repeat_mark if part.is_repeat else "")


@source(Appearance, *OF_APPEARANCES)
def appearances_found() -> Iterator[Found]:
    for row in appearances():
        facets = {year(row.fiscal_year), department(row.department.code)}
        parts = [text for part in row.named_below for text in (label_of(part, row), part.detail)]
        details = [part.detail for part in row.named_in_brackets]
        if row.countermeasure:
            facets.add(area(row.countermeasure.goal.domain.area.code))
        yield Found(
            row,
            Kind.LISTING if row.countermeasure else Kind.COMPONENT,
            printed_line(row),
            (row.note, *parts, *details, row.editorial_note),
            (row.project.code, row.project.kana),
            place_of(row),
            order_of(row),
            facets,
        )


def place_of(row: Any) -> tuple[str, ...]:
    if row.countermeasure:
        goal = row.countermeasure.goal
        return str(goal.domain.area), goal.domain.name, goal.keyword
    return row.sakigake_project.plan.sakigake_label, str(row.sakigake_project)


@source(Project, *OF_APPEARANCES, BudgetLine, DepartmentAlias)
def projects_found() -> Iterator[Found]:
    facets: dict[Any, Facets] = defaultdict(set)
    first: dict[Any, tuple[int, ...]] = {}
    for row in appearances():
        facets[row.project_id] |= {year(row.fiscal_year), department(row.department.code)}
        if row.countermeasure:
            facets[row.project_id].add(area(row.countermeasure.goal.domain.area.code))
        first[row.project_id] = min(order_of(row), first.get(row.project_id, order_of(row)))
    notes: dict[Any, list[str]] = defaultdict(list)
    for line in BudgetLine.objects.select_related("department").in_order():
        facets[line.project_id] |= {year(line.fiscal_year), department(line.department.code)}
        notes[line.project_id].append(line.editorial_note)
    nowhere = (10**DIGITS - 1,)
    for project in Project.objects.select_related("department").prefetch_related("parts"):
        yield Found(
            project,
            Kind.PROJECT,
            project.name,
            (*(part.name for part in project.parts.all()), project.editorial_note, *dict.fromkeys(notes[project.pk])),
            (project.kana, project.code),
            (gettext("事業"), project.department.name),
            first.get(project.pk, nowhere),
            facets[project.pk] | {department(project.department.code)},
        )


@source(SakigakeProject, Appearance, Department)
def sakigake_found() -> Iterator[Found]:
    facets: dict[Any, Facets] = defaultdict(set)
    components = (
        Appearance.objects.current()
        .components()
        .order_by()
        .values_list("sakigake_project", "fiscal_year", "department__code")
    )
    for row, fiscal_year, code in components:
        facets[row] |= {year(fiscal_year), department(code)}
    for project in SakigakeProject.objects.current().cited().select_related("plan"):
        yield Found(
            project,
            Kind.SAKIGAKE,
            project.name,
            (project.description, project.editorial_note),
            (f"{project.plan.sakigake_label}{project.number}",),
            (project.plan.sakigake_label,),
            (project.number,),
            facets[project.pk],
        )


# Areas, down to countermeasures


@source(Area)
def areas_found() -> Iterator[Found]:
    for row in Area.objects.current().cited():
        place = (gettext("分野"),)
        yield Found(
            row, Kind.AREA, str(row), (row.editorial_note,), (row.name,), place, (row.position,), {area(row.code)}
        )


@source(FutureImage, Area)
def future_images_found() -> Iterator[Found]:
    for row in FutureImage.objects.current().cited().select_related("area"):
        order, facets = (row.area.position, row.position), {area(row.area.code)}
        yield Found(row, Kind.FUTURE_IMAGE, row.text, (row.editorial_note,), (), (str(row.area),), order, facets)


@source(Domain, Area)
def domains_found() -> Iterator[Found]:
    for row in Domain.objects.current().cited().select_related("area"):
        order, facets = (row.area.position, row.position), {area(row.area.code)}
        yield Found(row, Kind.DOMAIN, row.name, (row.editorial_note,), (), (str(row.area),), order, facets)


@source(Goal, Domain, Area)
def goals_found() -> Iterator[Found]:
    for row in Goal.objects.current().cited().select_related("domain__area"):
        yield Found(
            row,
            Kind.GOAL,
            row.keyword,
            (row.text, row.editorial_note),
            (row.code,),
            (str(row.domain.area), row.domain.name),
            order_of_goal(row),
            {area(row.domain.area.code)},
        )


@source(Countermeasure, Goal, Domain, Area)
def countermeasures_found() -> Iterator[Found]:
    for row in Countermeasure.objects.current().cited().select_related("goal__domain__area"):
        domain = row.goal.domain
        yield Found(
            row,
            Kind.COUNTERMEASURE,
            row.text,
            (row.editorial_note,),
            (),
            (str(domain.area), domain.name, row.goal.keyword),
            (*order_of_goal(row.goal), row.position),
            {area(domain.area.code)},
        )


# Pillars and prose


@source(Pillar)
def pillars_found() -> Iterator[Found]:
    for row in Pillar.objects.current().cited():
        place = (gettext("施策の柱"),)
        yield Found(row, Kind.PILLAR, row.name, (row.text, row.editorial_note), (), place, (row.position,))


@source(PillarItem, Pillar)
def pillar_items_found() -> Iterator[Found]:
    rows = {row.pk: row for row in PillarItem.objects.current().cited().select_related("pillar")}
    for row in rows.values():
        above = list(upwards(row, rows))
        place = (gettext("施策の柱"), row.pillar.name, *(one.text for one in above))
        order = (row.pillar.position, *(one.position for one in above), row.position)
        yield Found(row, Kind.PILLAR_ITEM, row.text, (row.group, row.editorial_note), (), place, order)


@source(Passage)
def passages_found() -> Iterator[Found]:
    rows = {row.pk: row for row in Passage.objects.current().cited()}
    for row in rows.values():
        above = list(upwards(row, rows))
        place = (str(row.document), *(one.heading for one in above))
        order = (row.document.number, *(one.position for one in above), row.position)
        title, texts = (row.heading, (row.text,)) if row.heading else (row.text, ())
        yield Found(row, Kind.PASSAGE, title, (*texts, row.editorial_note), (), place, order)


def upwards(row: Any, rows: dict[Any, Any]) -> list[Any]:
    """The rows above a row, the highest first; rows that stand above themselves are told by `check_plan`."""
    above: list[Any] = []
    while (row := rows.get(row.parent_id)) and row not in above:
        above.insert(0, row)
    return above


# Departments, promotion, strategy, and what all is printed in


@source(Department, DepartmentAlias)
def departments_found() -> Iterator[Found]:
    for row in Department.objects.prefetch_related("aliases"):
        labels = [alias.label for alias in row.aliases.all()]
        texts = (*labels, row.contact, row.editorial_note)
        place, facets = (gettext("部局"),), {department(row.code)}
        yield Found(row, Kind.DEPARTMENT, row.name, texts, (*labels, row.code), place, (row.position,), facets)


@source(PromotionBody)
def promotion_bodies_found() -> Iterator[Found]:
    for row in PromotionBody.objects.current().cited():
        texts, place = (row.detail, row.editorial_note), (gettext("推進体制"),)
        yield Found(row, Kind.PROMOTION, row.name, texts, (), place, (1, row.position))


@source(PromotionLink, PromotionBody)
def promotion_links_found() -> Iterator[Found]:
    for row in PromotionLink.objects.current().cited().select_related("source", "target"):
        ends = " → ".join(body.name if body else "…" for body in (row.source, row.target))
        place = (gettext("推進体制"), ends if row.source or row.target else "")
        yield Found(row, Kind.PROMOTION, row.label, (row.editorial_note,), (), place, (2, row.position))


@source(StrategySection)
def strategy_sections_found() -> Iterator[Found]:
    for row in StrategySection.objects.current().cited():
        place = (gettext("総合戦略"),)
        yield Found(row, Kind.STRATEGY, str(row), (row.editorial_note,), (row.name,), place, (1, row.position))


@source(PolicyHeading, StrategySection)
def policy_headings_found() -> Iterator[Found]:
    for row in PolicyHeading.objects.current().cited().select_related("section"):
        place, order = (gettext("総合戦略"), str(row.section)), (2, row.section.position, row.position)
        yield Found(row, Kind.STRATEGY, row.name, (row.note, row.editorial_note), (), place, order)


@source(PolicyMeasure, PolicyHeading, StrategySection)
def policy_measures_found() -> Iterator[Found]:
    for row in PolicyMeasure.objects.current().cited().select_related("heading__section"):
        heading = row.heading
        place = (gettext("総合戦略"), str(heading.section), heading.name)
        order = (3, heading.section.position, heading.position, row.position)
        yield Found(row, Kind.STRATEGY, row.name, (row.editorial_note,), (), place, order)


@source(Initiative, PolicyMeasure, PolicyHeading, StrategySection)
def initiatives_found() -> Iterator[Found]:
    for row in Initiative.objects.current().cited().select_related("measure__heading__section"):
        heading = row.measure.heading
        place = (gettext("総合戦略"), str(heading.section), heading.name, row.measure.name)
        order = (4, heading.section.position, heading.position, row.measure.position, row.position)
        yield Found(row, Kind.STRATEGY, row.text, (row.content, row.editorial_note), (), place, order)


@source(Stage)
def stages_found() -> Iterator[Found]:
    for row in Stage.objects.all():
        place = (gettext("予算"),)
        yield Found(row, Kind.STAGE, row.name, (row.editorial_note,), (row.code,), place, (row.position,))


@source(SourceDocument)
def documents_found() -> Iterator[Found]:
    for row in SourceDocument.objects.current():
        place = (gettext("資料"),)
        yield Found(row, Kind.DOCUMENT, str(row), (row.editorial_note,), (row.title,), place, (row.number,))


@source(Plan)
def plans_found() -> Iterator[Found]:
    for row in Plan.objects.filter(is_current=True):
        yield Found(row, Kind.PLAN, row.title, (row.status, row.publisher, row.notice, row.licence))
