"""The rows of a budget table in groups: those that split it, and those that overlap and are never summed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from budgets.models.lines import lines_of
from budgets.rows import BudgetRows
from budgets.totals import Total
from catalog.contents import areas, departments
from projects.models import Appearance, SakigakeProject
from projects.models.appearances import AppearanceQuerySet


@dataclass(frozen=True)
class Group:
    """One group: its place among the others, the value that a filter knows it by, what people call it, its figures."""

    order: int
    code: str
    label: str
    total: Total


class Groups(list[Group]):
    """Groups in their order; `outside`: how many rows are in none of them."""

    def __init__(self, groups: Iterable[Group] = (), outside: int = 0) -> None:
        super().__init__(groups)
        self.outside = outside


def by_department(rows: BudgetRows) -> list[Group]:
    """In 建制順; departments split the rows, so their totals add up; two queries."""
    totals = Total.by("department", rows)
    return [Group(one.position, one.code, one.name, totals[one.pk]) for one in departments() if one.pk in totals]


def by_year(rows: BudgetRows) -> list[Group]:
    """Earliest year first; years split the rows; one query."""
    totals = Total.by("fiscal_year", rows)
    return [Group(year, str(year), str(year), totals[year]) for year in sorted(totals)]


def by_area(rows: BudgetRows, fiscal_year: int) -> Groups:
    """Areas overlap, where a project is listed in several; five queries and that of the areas."""
    listings = Appearance.objects.current().for_year(fiscal_year).listings()
    parents = [(area.pk, area.code, str(area)) for area in areas()]
    return overlapping(rows, parents, listings, "countermeasure__goal__domain__area")


def by_sakigake(rows: BudgetRows, fiscal_year: int) -> Groups:
    """Sakigake projects overlap, where a project is a component of several; five queries and that of their names."""
    components = Appearance.objects.current().for_year(fiscal_year).components()
    projects = [
        (project.pk, str(project.number), str(project)) for project in SakigakeProject.objects.current().in_order()
    ]
    return overlapping(rows, projects, components, "sakigake_project")


def overlapping(
    rows: BudgetRows,
    parents: Iterable[tuple[Any, str, str]],
    appearances: AppearanceQuerySet,
    parent: str,
) -> Groups:
    """For each parent (key, code, label) the rows of which its appearances speak, as a filter by it would have them.

    `parent`: the way from an appearance to the parent it stands under. What no appearance speaks of is only counted,
    for of that there can be any number. Rows are read as tuples of what is counted: instances would take as long again.
    """
    is_row = Exists(rows.lines.order_by().filter(pk=OuterRef("pk")))
    of_projects = rows.spoken_of.order_by().filter(project__in=appearances.order_by().values("project"))
    spoken_of: Any = of_projects.annotate(is_row=is_row).values_list(
        "pk", "project_id", "part_id", "fiscal_year", "kind", "amount_thousand_yen", "is_row", named=True
    )
    shown: Any = appearances.order_by().values_list("pk", "project_id", "fiscal_year", parent, named=True)
    mentioned = rows.mentions()
    lines: dict[Any, dict[Any, Any]] = defaultdict(dict)
    projects: dict[Any, set[Any]] = defaultdict(set)
    found: dict[Any, Any] = lines_of(shown, spoken_of, appearances.parts_named())
    for appearance, own in found.items():
        key = appearance[-1]
        projects[key].add(appearance.project_id)
        lines[key].update({line.pk: line for line in own})
    groups: list[Group] = []
    for key, code, label in parents:
        silent = (projects[key] & mentioned.keys()) - {line.project_id for line in lines[key].values()}
        counted = [line for line in lines[key].values() if line.is_row]
        groups.append(Group(len(groups), code, label, Total.of_lines(counted, len(silent))))
    inside = set().union(*projects.values())
    silent_outside = [project for project, states in mentioned.items() if not states and project not in inside]
    lines_inside = {pk for own in lines.values() for pk, line in own.items() if line.is_row}
    return Groups(groups, rows.lines.count() - len(lines_inside) + len(silent_outside))
