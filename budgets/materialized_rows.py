"""Materialised rows and sums of the budget tables, refreshed in the transaction that changes lines or appearances.

The year-on-year comparison is derived from these rows in turn (`budgets.materialized_comparison`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import OuterRef, Q, QuerySet, Subquery

from budgets import materialized_comparison
from budgets.models import BudgetChange, BudgetLine, BudgetRow, BudgetSum, Measure, Stage, StageComponent, StageRole
from budgets.models.measures import MEASURE_COLUMNS, addend_conditions, sum_rows_query
from budgets.touched import IS_TOUCHED, TOUCHED_TABLE, FiguresByKey, collect_touched, correct_sums
from catalog.models import Area, Countermeasure, Department, Domain, Goal, Plan, SourceDocument
from catalog.row_changes import RowChange, changed_rows, column_values, updated_rows
from projects import materialized_ranks
from projects.materialized_ranks import holds_exactly
from projects.models import Appearance, ProjectPart, ProjectRank, SakigakeProject

MAX_INCREMENTAL_CHANGES = 10_000  # changes above which everything is rebuilt; SQLite takes at most 32,766 parameters

# Columns that decide the order of rows, their measures or which appearance is the first: their model, the columns, the
# model of the affected rows, and the lookup path from these to it.
ORDERING_COLUMNS: tuple[tuple[type[models.Model], tuple[str, ...], type[models.Model], str], ...] = (
    (Stage, ("position", "role"), BudgetLine, "stage"),
    (ProjectPart, ("position", "code"), BudgetLine, "part"),
    (Department, ("position", "name"), BudgetRow, "department"),
    (Plan, ("is_current",), Appearance, "plan"),
    (SourceDocument, ("number",), Appearance, "document"),
    (SakigakeProject, ("number",), Appearance, "sakigake_project"),
    (Countermeasure, ("position", "goal_id"), Appearance, "countermeasure"),
    (Goal, ("position", "domain_id"), Appearance, "countermeasure__goal"),
    (Domain, ("position", "area_id"), Appearance, "countermeasure__goal__domain"),
    (Area, ("position",), Appearance, "countermeasure__goal__domain__area"),
)

ROW_COLUMNS = (
    "fiscal_year, department_id, project_id, part_id, stage_id, kind, amount_thousand_yen, document_id, page, "
    f"line_id, appearance_id, {MEASURE_COLUMNS}, department_rank, project_rank, number"
)
ROW_SUM_COLUMNS = "fiscal_year, measure, department_id, stage_id, kind, rows, amount_thousand_yen"


def refresh_budgets(changes: Collection[RowChange] | None) -> None:
    """Apply row changes to ranks, rows, sums and comparisons; None rebuilds them from all tables."""
    moved = materialized_ranks.refresh_ranks(changes)
    if changes is None or len(changes) > MAX_INCREMENTAL_CHANGES:
        rebuild_budgets()
        return
    copy_ranks(moved)
    if rows := [*find_touched(changes)]:
        with collect_touched(rows) as is_any:
            if is_any:
                refresh_touched_rows()
                materialized_comparison.refresh_touched_comparisons()


def rebuild_budgets() -> None:
    """Derive all rows, sums and comparisons anew."""
    derived, parameters = derive_rows_query()
    with connection.cursor() as cursor:
        for model in (BudgetRow, BudgetSum):
            cursor.execute(f"DELETE FROM {model._meta.db_table}")  # noqa: S608  # a table's name
        cursor.execute(f"INSERT INTO {BudgetRow._meta.db_table} ({ROW_COLUMNS}) {derived}", parameters)
        cursor.execute(
            f"INSERT INTO {BudgetSum._meta.db_table} ({ROW_SUM_COLUMNS}) {sum_rows_query(BudgetRow._meta.db_table)}"
        )
    materialized_comparison.rebuild_comparisons()


def has_fresh_budgets() -> bool:
    """Tell whether ranks, rows, sums and comparisons equal those derived anew from the tables."""
    return (
        materialized_ranks.has_fresh_ranks()
        and holds_exactly(*derive_rows_query(), BudgetRow, ROW_COLUMNS)
        and holds_exactly(sum_rows_query(BudgetRow._meta.db_table), (), BudgetSum, ROW_SUM_COLUMNS)
        and materialized_comparison.has_fresh_comparisons()
    )


def copy_ranks(projects: Collection[UUID] | None) -> None:
    """Copy the current ranks of projects to their rows; None: of all projects."""
    if projects is not None and not projects:
        return
    rank = ProjectRank.objects.filter(project=OuterRef("project")).values("by_code")
    for rows in (BudgetRow.objects.all(), BudgetChange.objects.all()):
        some = rows if projects is None else rows.filter(project__in=projects)
        some.filter(project__rank__isnull=False).update(project_rank=Subquery(rank))


def find_touched(changes: Collection[RowChange]) -> Iterator[QuerySet[Any]]:
    """Yield querysets of rows whose project and year are affected by the changes."""
    if lines := changed_rows(changes, BudgetLine):
        yield BudgetLine.objects.filter(pk__in=lines)
        yield BudgetRow.objects.filter(line__in=lines)
    if appearances := changed_rows(changes, Appearance):
        yield Appearance.objects.filter(pk__in=appearances)
        yield BudgetRow.objects.filter(appearance__in=appearances)
    if components := changed_rows(changes, StageComponent):
        # Which stages an amount covers decides whether two years can be compared.
        stages = column_values(changes, StageComponent, "stage_id")
        yield BudgetLine.objects.filter(Q(stage__in=stages) | Q(stage__components__in=components))
    for model, columns, arranged, path in ORDERING_COLUMNS:
        if rows := updated_rows(changes, model, *columns):
            yield arranged._default_manager.filter(**{f"{path}__in": rows})


def refresh_touched_rows() -> None:
    """Replace the rows of touched projects and years, and correct the sums by the difference."""
    before = sum_touched_rows()
    old = BudgetRow.objects.filter(IS_TOUCHED)
    old._raw_delete(old.db)
    derived, parameters = derive_rows_query(is_partial=True)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {BudgetRow._meta.db_table} ({ROW_COLUMNS}) {derived}", parameters)
    after = sum_touched_rows()
    keys = before.keys() | after.keys()
    sums = BudgetSum.objects.filter(
        fiscal_year__in={year for year, *_ in keys}, department__in={department for _, _, department, *_ in keys}
    )
    stored = sums.values_list(
        "pk", "fiscal_year", "measure", "department_id", "stage_id", "kind", "rows", "amount_thousand_yen"
    )
    gone, new = correct_sums(
        before, after, ((pk, tuple(key), (rows, amount or 0)) for pk, *key, rows, amount in stored)
    )
    BudgetSum.objects.filter(pk__in=gone).delete()
    BudgetSum.objects.bulk_create(
        BudgetSum(
            fiscal_year=year,
            measure=measure,
            department_id=department,
            stage_id=stage,
            kind=kind,
            rows=rows,
            amount_thousand_yen=None if kind is None else amount,
        )
        for (year, measure, department, stage, kind), (rows, amount) in new.items()
    )


def sum_touched_rows() -> FiguresByKey:
    """Return row count and amount (thousand yen) of touched rows, by the key of `BudgetSum`."""
    is_touched = f"(project_id, fiscal_year) IN (SELECT project_id, fiscal_year FROM {TOUCHED_TABLE})"  # noqa: S608  # a table's name
    to_python = models.UUIDField().to_python
    with connection.cursor() as cursor:
        # Within a SELECT, as a recorder of changes takes no other statement that only reads.
        cursor.execute(f"SELECT * FROM ({sum_rows_query(BudgetRow._meta.db_table, is_touched)}) AS sums")  # noqa: S608  # a query of ours
        rows = cursor.fetchall()
    return {
        (year, measure, to_python(department), to_python(stage), kind): (count, amount or 0)
        for year, measure, department, stage, kind, count, amount in rows
    }


def derive_rows_query(*, is_partial: bool = False) -> tuple[str, tuple[Any, ...]]:
    """Return the SELECT that derives all rows, or only those of touched projects and years, and its parameters.

    Lines get the figures of their group (project, year and kind) by which the measures choose addends; a project's row
    is in the measures that list it as unstated.
    """
    appearances = Appearance.objects.current()
    lines = f"{BudgetLine._meta.db_table} AS line"
    touched = "TRUE"
    if is_partial:
        appearances = appearances.filter(IS_TOUCHED)
        # CROSS JOIN makes SQLite start from the touched table; it has no statistics that say how small this is.
        lines = f"{TOUCHED_TABLE} CROSS JOIN {lines}"
        touched = f"line.project_id = {TOUCHED_TABLE}.project_id AND line.fiscal_year = {TOUCHED_TABLE}.fiscal_year"
    first, parameters = appearances.first_of_each_project().values("pk").query.sql_with_params()
    conditions = addend_conditions("role", "stage_number", "has_initial", "latest_balance")
    addends = ", ".join(f"{conditions[measure]} AS {measure.column}" for measure in Measure)
    any_addend = ", ".join(
        f"MAX(CASE WHEN {measure.column} THEN 1 ELSE 0 END) AS {measure.column}" for measure in Measure
    )
    unstated = ", ".join(
        f"COALESCE(stated.{measure.column}, 0) = 0" if measure.lists_unstated else "FALSE" for measure in Measure
    )
    return (
        f"""
WITH stages AS (
    SELECT id, role, ROW_NUMBER() OVER (ORDER BY position, code) AS stage_number FROM {Stage._meta.db_table}
), grouped AS (
    SELECT line.*, role, stage_number,
        MAX(CASE WHEN role = '{StageRole.INITIAL}' THEN 1 ELSE 0 END) OVER same_kind AS has_initial,
        MAX(CASE WHEN role = '{StageRole.REVISED}' THEN stage_number END) OVER same_kind AS latest_balance
    FROM {lines} INNER JOIN stages ON stages.id = line.stage_id WHERE {touched}
    WINDOW same_kind AS (PARTITION BY line.project_id, line.fiscal_year, line.kind)
), addends AS (
    SELECT fiscal_year, department_id, project_id, part_id, stage_id, kind, amount_thousand_yen, document_id, page,
        id AS line_id, CAST(NULL AS UUID) AS appearance_id, {addends}
    FROM grouped
), stated AS (
    SELECT project_id, fiscal_year, {any_addend} FROM addends GROUP BY project_id, fiscal_year
), printed AS (
    SELECT id, fiscal_year, project_id, department_id, document_id, page
    FROM {Appearance._meta.db_table} WHERE id IN ({first})
), unprinted AS (
    SELECT addends.fiscal_year, addends.project_id, addends.department_id, ROW_NUMBER() OVER (
        PARTITION BY addends.project_id, addends.fiscal_year ORDER BY department.position, department.code
    ) AS nth
    FROM addends
    INNER JOIN {Department._meta.db_table} AS department ON department.id = addends.department_id
    LEFT JOIN printed ON printed.project_id = addends.project_id AND printed.fiscal_year = addends.fiscal_year
    WHERE printed.id IS NULL
), projects AS (
    SELECT id, fiscal_year, project_id, department_id, document_id, page FROM printed
    UNION ALL
    SELECT NULL, fiscal_year, project_id, department_id, NULL, NULL FROM unprinted WHERE nth = 1
)
SELECT given.fiscal_year, given.department_id, given.project_id, part_id, given.stage_id, kind, amount_thousand_yen,
    given.document_id, page, line_id, appearance_id, {MEASURE_COLUMNS}, department.position, ranks.by_code,
    ROW_NUMBER() OVER (
        PARTITION BY given.fiscal_year, given.project_id
        ORDER BY part.position NULLS FIRST, stages.stage_number NULLS FIRST, kind NULLS FIRST, part.code, line_id
    )
FROM (
    SELECT * FROM addends
    UNION ALL
    SELECT projects.fiscal_year, department_id, projects.project_id, NULL, NULL, NULL, NULL, document_id, page,
        NULL, id, {unstated}
    FROM projects
    LEFT JOIN stated ON stated.project_id = projects.project_id AND stated.fiscal_year = projects.fiscal_year
) AS given
INNER JOIN {Department._meta.db_table} AS department ON department.id = given.department_id
INNER JOIN {ProjectRank._meta.db_table} AS ranks ON ranks.project_id = given.project_id
LEFT JOIN {ProjectPart._meta.db_table} AS part ON part.id = given.part_id
LEFT JOIN stages ON stages.id = given.stage_id
""",  # noqa: S608  # names of tables
        parameters,
    )
