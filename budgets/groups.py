"""Grouping of budget-table rows: by department and year, which partition them; by area and Sakigake project, which
overlap and are never summed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Value

from budgets.models import BudgetRow, Measure
from budgets.models.lines import lines_of
from budgets.rows import BudgetRows
from budgets.sakigake import filter_components, read_components, read_parts_of_components, sakigake_projects
from budgets.totals import Total
from catalog.compiled_queries import compiled_query
from catalog.contents import areas, departments
from catalog.models import Department
from projects.models import Appearance, NamedPart
from projects.models.appearances import AppearanceQuerySet

AREA_KEY = "countermeasure__goal__domain__area"


@dataclass(frozen=True)
class RowGroup:
    """A group of rows: `order` is its sort key, `code` its value in the filter, `label` its name on the page."""

    order: int
    code: str
    label: str
    total: Total


class RowGroups(list[RowGroup]):
    """Ordered groups; `outside` is the number of rows that are in none of them."""

    def __init__(self, groups: Iterable[RowGroup] = (), outside: int = 0) -> None:
        super().__init__(groups)
        self.outside = outside


def group_by_department(rows: BudgetRows) -> list[RowGroup]:
    """Group by department, in 建制順. Departments partition the rows, so their totals add up; two queries."""
    return make_department_groups(Total.by("department", rows), departments())


def make_department_groups(totals: Mapping[Any, Total], order: Iterable[Department]) -> list[RowGroup]:
    return [RowGroup(each.position, each.code, each.name, totals[each.pk]) for each in order if each.pk in totals]


def group_by_year(rows: BudgetRows) -> list[RowGroup]:
    """Group by fiscal year, earliest first. Years partition the rows; one query."""
    return make_year_groups(Total.by("fiscal_year", rows))


def make_year_groups(totals: Mapping[int, Total]) -> list[RowGroup]:
    return [RowGroup(year, str(year), str(year), totals[year]) for year in sorted(totals)]


def group_by_area(rows: BudgetRows, fiscal_year: int, total: Total | None = None) -> RowGroups:
    """Group by area. Areas overlap if a project is listed in several; five queries and the one for the areas.

    `total` of the rows, if it is known, saves a query.
    """
    parents = [(area.pk, area.code, str(area)) for area in areas()]
    listings, named = read_listings(fiscal_year), read_parts_of_listings(fiscal_year)
    return group_overlapping(
        rows,
        total,
        parents,
        GroupingAppearances(
            fiscal_year,
            filter_listings(fiscal_year),
            listings,
            named,
            read_addends_of_listings,
            read_projects_of_listings,
            AREA_KEY,
        ),
    )


def group_by_sakigake(rows: BudgetRows, fiscal_year: int, total: Total | None = None) -> RowGroups:
    """Group by Sakigake project. They overlap if a project is a component of several; five queries and the names'.

    `total` of the rows, if it is known, saves a query.
    """
    parents = [(project.pk, str(project.number), str(project)) for project in sakigake_projects()]
    components, named = read_components(fiscal_year), read_parts_of_components(fiscal_year)
    parent = "sakigake_project_id"
    return group_overlapping(
        rows,
        total,
        parents,
        GroupingAppearances(
            fiscal_year,
            filter_components(fiscal_year),
            components,
            named,
            read_addends_of_components,
            read_projects_of_components,
            parent,
        ),
    )


@dataclass(frozen=True)
class GroupingAppearances:
    """Appearances that assign budget rows to groups.

    `appearances` is the queryset, `rows` the same as named tuples, `parts_named` the parts that they name.
    `read_addends` reads the addends of their projects in a year, `read_projects` whether each project states one;
    `parent` is the attribute of `rows` that holds the group's key.
    """

    fiscal_year: int
    appearances: AppearanceQuerySet
    rows: list[Any]
    parts_named: list[tuple[Any, Any]]
    read_addends: Callable[[int, Measure], list[Any]]
    read_projects: Callable[[int, Measure], list[tuple[Any, bool]]]
    parent: str


def filter_listings(fiscal_year: int) -> AppearanceQuerySet:
    return Appearance.objects.current().for_year(fiscal_year).listings()


@compiled_query
def read_listings(fiscal_year: int) -> QuerySet[Appearance, Any]:
    shown = filter_listings(fiscal_year).order_by()
    return shown.values_list("pk", "project_id", "fiscal_year", AREA_KEY, named=True)


@compiled_query
def read_parts_of_listings(fiscal_year: int) -> QuerySet[NamedPart, tuple[Any, Any]]:
    return filter_listings(fiscal_year).parts_named()


@compiled_query
def read_addends_of_listings(fiscal_year: int, measure: Measure) -> QuerySet[BudgetRow, Any]:
    return select_addends_of_projects(BudgetRows.of(fiscal_year, measure), filter_listings(fiscal_year), fiscal_year)


@compiled_query
def read_addends_of_components(fiscal_year: int, measure: Measure) -> QuerySet[BudgetRow, Any]:
    return select_addends_of_projects(BudgetRows.of(fiscal_year, measure), filter_components(fiscal_year), fiscal_year)


@compiled_query
def read_projects_of_listings(fiscal_year: int, measure: Measure) -> QuerySet[Any, tuple[Any, bool]]:
    return BudgetRows.of(fiscal_year, measure).find_projects(filter_listings(fiscal_year))


@compiled_query
def read_projects_of_components(fiscal_year: int, measure: Measure) -> QuerySet[Any, tuple[Any, bool]]:
    return BudgetRows.of(fiscal_year, measure).find_projects(filter_components(fiscal_year))


def select_addends_of_projects(
    rows: BudgetRows, appearances: AppearanceQuerySet, fiscal_year: int
) -> QuerySet[BudgetRow, Any]:
    """Return all addends of the projects that appear, as tuples; `is_row` tells whether they meet the conditions."""
    is_row = Value(True) if rows.whole_year else Exists(rows.addends.order_by().filter(pk=OuterRef("pk")))
    addends = rows.restrict(BudgetRow.objects.for_year(fiscal_year).of_lines().of_measure(rows.measure))
    of_projects = addends.filter(project__in=appearances.order_by().values("project"))
    return of_projects.annotate(is_row=is_row).amounts("is_row")


def group_overlapping(
    rows: BudgetRows, total: Total | None, parents: Iterable[tuple[Any, str, str]], grouping: GroupingAppearances
) -> RowGroups:
    """Group rows by parent (key, code, label); a group has the rows that its appearances refer to, as its filter has.

    Rows outside all groups are only counted, because their number is unbounded. Rows are read as tuples: instances
    would double the time.
    """
    addends = (
        grouping.read_addends(rows.whole_year, rows.measure)
        if rows.whole_year
        else select_addends_of_projects(rows, grouping.appearances, grouping.fiscal_year)
    )
    states_amount = find_projects(rows, grouping)
    addends_by_group: dict[Any, dict[Any, Any]] = defaultdict(dict)
    projects: dict[Any, set[Any]] = defaultdict(set)
    for appearance, referenced in lines_of(grouping.rows, addends, grouping.parts_named).items():
        key = getattr(appearance, grouping.parent)
        projects[key].add(appearance.project_id)
        addends_by_group[key].update({addend.pk: addend for addend in referenced})
    groups: list[RowGroup] = []
    for key, code, label in parents:
        of_group = addends_by_group[key].values()
        unstated = (projects[key] & states_amount.keys()) - {addend.project_id for addend in of_group}
        not_stated_rows = len(unstated) if rows.measure.lists_unstated else 0
        counted = [addend for addend in of_group if addend.is_row]
        groups.append(RowGroup(len(groups), code, label, Total.of_lines(counted, not_stated_rows)))
    addends_inside = {pk for group in addends_by_group.values() for pk, addend in group.items() if addend.is_row}
    unstated_inside = [project for project, states in states_amount.items() if not states]
    whole = total or Total.of(rows)
    outside = whole.counted_rows - len(addends_inside) + whole.not_stated_rows - len(unstated_inside)
    return RowGroups(groups, outside)


def find_projects(rows: BudgetRows, grouping: GroupingAppearances) -> dict[Any, bool]:
    """Map each project that appears to whether it states an amount; one query, none for lines only."""
    if rows.has_lines_only:
        return {}
    if rows.whole_year:
        return dict(grouping.read_projects(rows.whole_year, rows.measure))
    return dict(rows.find_projects(grouping.appearances))
