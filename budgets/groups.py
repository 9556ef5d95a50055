"""Grouping of budget-table rows: by department and year, which partition them; by area and Sakigake project, which
overlap and are never summed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Value

from budgets.models import BudgetLine
from budgets.models.lines import lines_of
from budgets.rows import BudgetRows
from budgets.sakigake import filter_components, read_components, read_parts_of_components, sakigake_projects
from budgets.totals import Total
from catalog.compiled_queries import compiled_query
from catalog.contents import areas, departments
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
    totals = Total.by("department", rows)
    return [RowGroup(one.position, one.code, one.name, totals[one.pk]) for one in departments() if one.pk in totals]


def group_by_year(rows: BudgetRows) -> list[RowGroup]:
    """Group by fiscal year, earliest first. Years partition the rows; one query."""
    return make_year_groups(Total.by("fiscal_year", rows))


def make_year_groups(totals: Mapping[int, Total]) -> list[RowGroup]:
    return [RowGroup(year, str(year), str(year), totals[year]) for year in sorted(totals)]


def group_by_area(rows: BudgetRows, fiscal_year: int) -> RowGroups:
    """Group by area. Areas overlap if a project is listed in several; five queries and the one for the areas."""
    parents = [(area.pk, area.code, str(area)) for area in areas()]
    shown, named = read_listings(fiscal_year), read_parts_of_listings(fiscal_year)
    return group_overlapping(
        rows, parents, GroupingAppearances(filter_listings(fiscal_year), shown, named, read_lines_of_listings, AREA_KEY)
    )


def group_by_sakigake(rows: BudgetRows, fiscal_year: int) -> RowGroups:
    """Group by Sakigake project. They overlap if a project is a component of several; five queries and the names'."""
    parents = [(project.pk, str(project.number), str(project)) for project in sakigake_projects()]
    shown, named = read_components(fiscal_year), read_parts_of_components(fiscal_year)
    parent = "sakigake_project_id"
    return group_overlapping(
        rows,
        parents,
        GroupingAppearances(filter_components(fiscal_year), shown, named, read_lines_of_components, parent),
    )


@dataclass(frozen=True)
class GroupingAppearances:
    """Appearances that assign budget rows to groups.

    `appearances` is the queryset, `rows` the same as named tuples, `parts_named` the parts that they name. `lines`
    reads the budget lines of their projects in a year; `parent` is the attribute of `rows` that holds the group's key.
    """

    appearances: AppearanceQuerySet
    rows: list[Any]
    parts_named: list[tuple[Any, Any]]
    lines: Callable[[int], list[Any]]
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
def read_lines_of_listings(fiscal_year: int) -> QuerySet[BudgetLine, Any]:
    return select_lines_of_projects(filter_listings(fiscal_year), BudgetRows.of(fiscal_year))


@compiled_query
def read_lines_of_components(fiscal_year: int) -> QuerySet[BudgetLine, Any]:
    return select_lines_of_projects(filter_components(fiscal_year), BudgetRows.of(fiscal_year))


def select_lines_of_projects(appearances: AppearanceQuerySet, rows: BudgetRows) -> QuerySet[BudgetLine, Any]:
    """Return all lines of the projects that appear, as tuples; `is_row` tells whether the table holds the line."""
    is_row = Value(True) if rows.whole_year else Exists(rows.lines.order_by().filter(pk=OuterRef("pk")))
    lines = rows.spoken_of.filter(project__in=appearances.order_by().values("project"))
    return lines.annotate(is_row=is_row).amounts("is_row")


def group_overlapping(
    rows: BudgetRows, parents: Iterable[tuple[Any, str, str]], shown: GroupingAppearances
) -> RowGroups:
    """Group rows by parent (key, code, label); a group has the rows that its appearances refer to, as its filter has.

    Rows outside all groups are only counted, because their number is unbounded. Rows are read as tuples: instances
    would double the time.
    """
    lines_shown = shown.lines(rows.whole_year) if rows.whole_year else select_lines_of_projects(shown.appearances, rows)
    mentioned = rows.mentions()
    lines: dict[Any, dict[Any, Any]] = defaultdict(dict)
    projects: dict[Any, set[Any]] = defaultdict(set)
    for appearance, own in lines_of(shown.rows, lines_shown, shown.parts_named).items():
        key = getattr(appearance, shown.parent)
        projects[key].add(appearance.project_id)
        lines[key].update({line.pk: line for line in own})
    groups: list[RowGroup] = []
    for key, code, label in parents:
        silent = (projects[key] & mentioned.keys()) - {line.project_id for line in lines[key].values()}
        counted = [line for line in lines[key].values() if line.is_row]
        groups.append(RowGroup(len(groups), code, label, Total.of_lines(counted, len(silent))))
    inside = set().union(*projects.values())
    silent_outside = [project for project, states in mentioned.items() if not states and project not in inside]
    lines_inside = {pk for own in lines.values() for pk, line in own.items() if line.is_row}
    counted_rows = Total.of(rows).counted_rows if rows.whole_year else rows.lines.count()
    return RowGroups(groups, counted_rows - len(lines_inside) + len(silent_outside))
