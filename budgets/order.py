"""The rows of budget tables and their sums are derived from lines and appearances, together with what changes these.

So are the comparisons of each year with the one before, from these rows (`budgets.neighbours`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import Q

from budgets import neighbours
from budgets.models import BudgetLine, BudgetRow, BudgetSum, Stage
from catalog.models import Area, Countermeasure, Department, Domain, Goal, Plan, SourceDocument
from projects.models import Appearance, Project, ProjectPart, SakigakeProject
from projects.order import is_stored

# Their positions arrange the rows of every year.
ARRANGING: set[type[models.Model]] = {Department, ProjectPart, Stage}
# These say which appearance of a project is the first.
PRINTING: set[type[models.Model]] = {Plan, SourceDocument, SakigakeProject, Area, Domain, Goal, Countermeasure}

COLUMNS = (
    "fiscal_year, department_id, project_id, part_id, stage_id, kind, amount_thousand_yen, document_id, page, "
    "line_id, appearance_id, is_listed, place"
)
COLUMNS_OF_SUMS = "fiscal_year, department_id, kind, rows, amount_thousand_yen"


def follow_changes(rows: Collection[tuple[type[models.Model], UUID]] | None) -> None:
    """Bring the rows up to the tables of which these rows have changed; None: up to all of them."""
    if rows is None:
        renew(None)
    elif (years := years_of(rows)) is None or years:
        renew(years)


def renew(years: Collection[int] | None) -> None:
    """Derive the rows, sums and comparisons of some years, or of all, again."""
    for stored in (BudgetRow.objects.all(), BudgetSum.objects.all()):
        again = stored if years is None else stored.filter(fiscal_year__in=years)
        again._raw_delete(again.db)
    derived, parameters = rows_derived(years)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {BudgetRow._meta.db_table} ({COLUMNS}) {derived}", parameters)
        cursor.execute(f"INSERT INTO {BudgetSum._meta.db_table} ({COLUMNS_OF_SUMS}) {sums_derived(years)}")
    neighbours.renew(years)


def is_derived() -> bool:
    """Whether rows, sums and comparisons are those that lines and appearances give, no more and no less."""
    rows, sums = rows_derived(None), (sums_derived(None), ())
    return (
        is_stored(*rows, BudgetRow, COLUMNS)
        and is_stored(*sums, BudgetSum, COLUMNS_OF_SUMS)
        and neighbours.is_derived()
    )


def years_of(rows: Collection[tuple[type[models.Model], UUID]]) -> set[int] | None:
    """The years whose rows may be others now; None where that can be any."""
    changed: dict[type[models.Model], list[UUID]] = defaultdict(list)
    for model, pk in rows:
        changed[model].append(pk)
    if changed.keys() & ARRANGING:
        return None
    lines, appearances, projects = (changed[model] for model in (BudgetLine, Appearance, Project))
    where: list[tuple[Any, Q]] = [
        (BudgetLine.objects, Q(pk__in=lines) | Q(project__in=projects)),
        (Appearance.objects, Q(pk__in=appearances) | Q(project__in=projects)),
        (BudgetRow.objects, Q(line__in=lines) | Q(appearance__in=appearances) | Q(project__in=projects)),
    ]
    if changed.keys() & PRINTING:
        first = Appearance.objects.current().first_of_each_project().values("pk")
        stored = BudgetRow.objects.filter(appearance__isnull=False)
        where += [
            (Appearance.objects.filter(pk__in=first), ~Q(pk__in=stored.values("appearance"))),
            (stored, ~Q(appearance__in=first)),
        ]
    found = [manager.filter(changes).values_list("fiscal_year", flat=True) for manager, changes in where]
    return {year for years in found for year in years}


def rows_derived(years: Collection[int] | None) -> tuple[str, tuple[Any, ...]]:
    """The SELECT that gives the rows of some years, or of all, with its parameters."""
    appearances = Appearance.objects.current()
    if years is not None:
        appearances = appearances.filter(fiscal_year__in=years)
    first, parameters = appearances.first_of_each_project().values("pk").query.sql_with_params()
    tables = {model.__name__: model._meta.db_table for model in (BudgetLine, Appearance, Department, Project)}
    return (
        f"""
SELECT fiscal_year, given.department_id, given.project_id, part_id, stage_id, kind, amount_thousand_yen, document_id,
    page, line_id, appearance_id, is_listed, ROW_NUMBER() OVER (
        PARTITION BY fiscal_year
        ORDER BY department.position, project.kana, project.code, part.position NULLS FIRST,
            stage.position NULLS FIRST, kind NULLS FIRST
    )
FROM (
    SELECT fiscal_year, department_id, project_id, part_id, stage_id, kind, amount_thousand_yen, document_id, page,
        id AS line_id, NULL AS appearance_id, TRUE AS is_listed
    FROM {tables["BudgetLine"]} WHERE {within(years)}
    UNION ALL
    SELECT fiscal_year, department_id, project_id, NULL, NULL, NULL, NULL, document_id, page,
        NULL, id, NOT EXISTS (
            SELECT 1 FROM {tables["BudgetLine"]} AS line
            WHERE line.project_id = appearance.project_id AND line.fiscal_year = appearance.fiscal_year
        )
    FROM {tables["Appearance"]} AS appearance WHERE id IN ({first})
) AS given
INNER JOIN {tables["Department"]} AS department ON department.id = given.department_id
INNER JOIN {tables["Project"]} AS project ON project.id = given.project_id
LEFT JOIN {ProjectPart._meta.db_table} AS part ON part.id = given.part_id
LEFT JOIN {Stage._meta.db_table} AS stage ON stage.id = given.stage_id
""",  # noqa: S608  # names of tables, and numbers
        parameters,
    )


def sums_derived(years: Collection[int] | None) -> str:
    """The SELECT that gives the sums of the rows of some years, or of all."""
    return f"""
SELECT fiscal_year, department_id, kind, COUNT(*), SUM(amount_thousand_yen)
FROM {BudgetRow._meta.db_table} WHERE is_listed AND {within(years)}
GROUP BY fiscal_year, department_id, kind
"""  # noqa: S608  # names of a table, and numbers


def within(years: Collection[int] | None) -> str:
    return "TRUE" if years is None else f"fiscal_year IN ({', '.join(map(str, years))})"
