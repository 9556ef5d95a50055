"""Materialised rows and sums of the budget tables, refreshed in the transaction that changes lines or appearances.

The year-on-year comparison is derived from these rows in turn (`budgets.materialized_comparison`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from budgets import materialized_comparison
from budgets.models import BudgetChange, BudgetLine, BudgetRow, BudgetSum, Stage
from budgets.touched import IS_TOUCHED, TOUCHED_TABLE, FiguresByKey, collect_touched, correct_sums
from catalog.models import Area, Countermeasure, Department, Domain, Goal, Plan, SourceDocument
from catalog.row_changes import RowChange, changed_rows, updated_rows
from projects import materialized_ranks
from projects.materialized_ranks import holds_exactly
from projects.models import Appearance, ProjectPart, ProjectRank, SakigakeProject

MAX_INCREMENTAL_CHANGES = 10_000  # changes above which everything is rebuilt; SQLite takes at most 32,766 parameters

# Columns that decide the order of rows or which appearance is the first: their model, the columns, the model of the
# affected rows, and the lookup path from these to it.
ORDERING_COLUMNS: tuple[tuple[type[models.Model], tuple[str, ...], type[models.Model], str], ...] = (
    (Stage, ("position",), BudgetLine, "stage"),
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
    "line_id, appearance_id, is_listed, department_rank, project_rank, number"
)
ROW_SUM_COLUMNS = "fiscal_year, department_id, kind, rows, amount_thousand_yen"
ROW_SUMS_QUERY = f"""
SELECT fiscal_year, department_id, kind, COUNT(*), SUM(amount_thousand_yen)
FROM {BudgetRow._meta.db_table} WHERE is_listed GROUP BY fiscal_year, department_id, kind
"""  # noqa: S608  # a table's name


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
        cursor.execute(f"INSERT INTO {BudgetSum._meta.db_table} ({ROW_SUM_COLUMNS}) {ROW_SUMS_QUERY}")
    materialized_comparison.rebuild_comparisons()


def has_fresh_budgets() -> bool:
    """Tell whether ranks, rows, sums and comparisons equal those derived anew from the tables."""
    return (
        materialized_ranks.has_fresh_ranks()
        and holds_exactly(*derive_rows_query(), BudgetRow, ROW_COLUMNS)
        and holds_exactly(ROW_SUMS_QUERY, (), BudgetSum, ROW_SUM_COLUMNS)
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
    years = {year for year, _, _ in before.keys() | after.keys()}
    stored = BudgetSum.objects.filter(fiscal_year__in=years).values_list(
        "pk", "fiscal_year", "department_id", "kind", "rows", Coalesce("amount_thousand_yen", 0)
    )
    gone, new = correct_sums(before, after, ((pk, tuple(key), (rows, sum)) for pk, *key, rows, sum in stored))
    BudgetSum.objects.filter(pk__in=gone).delete()
    BudgetSum.objects.bulk_create(
        BudgetSum(
            fiscal_year=year,
            department_id=department,
            kind=kind,
            rows=rows,
            amount_thousand_yen=None if kind is None else amount,
        )
        for (year, department, kind), (rows, amount) in new.items()
    )


def sum_touched_rows() -> FiguresByKey:
    """Return row count and amount (thousand yen) of touched listed rows, by year, department and kind."""
    rows = BudgetRow.objects.listed().filter(IS_TOUCHED).values_list("fiscal_year", "department_id", "kind")
    sums = rows.annotate(count=Count("*"), amount=Coalesce(Sum("amount_thousand_yen"), 0))
    return {tuple(key): (count, int(amount)) for *key, count, amount in sums}


def derive_rows_query(*, is_partial: bool = False) -> tuple[str, tuple[Any, ...]]:
    """Return the SELECT that derives all rows, or only those of touched projects and years, and its parameters."""
    appearances = Appearance.objects.current()
    lines = f"{BudgetLine._meta.db_table} AS line"
    touched = "TRUE"
    if is_partial:
        appearances = appearances.filter(IS_TOUCHED)
        # CROSS JOIN makes SQLite start from the touched table; it has no statistics that say how small this is.
        lines = f"{TOUCHED_TABLE} CROSS JOIN {lines}"
        touched = f"line.project_id = {TOUCHED_TABLE}.project_id AND line.fiscal_year = {TOUCHED_TABLE}.fiscal_year"
    first, parameters = appearances.first_of_each_project().values("pk").query.sql_with_params()
    return (
        f"""
SELECT given.fiscal_year, given.department_id, given.project_id, part_id, stage_id, kind, amount_thousand_yen,
    given.document_id, page, line_id, appearance_id, is_listed, department.position, ranks.by_code, ROW_NUMBER() OVER (
        PARTITION BY given.fiscal_year, given.project_id
        ORDER BY part.position NULLS FIRST, stage.position NULLS FIRST, kind NULLS FIRST, part.code, line_id
    )
FROM (
    SELECT line.fiscal_year, department_id, line.project_id, part_id, stage_id, kind, amount_thousand_yen, document_id,
        page, id AS line_id, NULL AS appearance_id, TRUE AS is_listed
    FROM {lines} WHERE {touched}
    UNION ALL
    SELECT fiscal_year, department_id, project_id, NULL, NULL, NULL, NULL, document_id, page,
        NULL, id, NOT EXISTS (
            SELECT 1 FROM {BudgetLine._meta.db_table} AS line
            WHERE line.project_id = appearance.project_id AND line.fiscal_year = appearance.fiscal_year
        )
    FROM {Appearance._meta.db_table} AS appearance WHERE id IN ({first})
) AS given
INNER JOIN {Department._meta.db_table} AS department ON department.id = given.department_id
INNER JOIN {ProjectRank._meta.db_table} AS ranks ON ranks.project_id = given.project_id
LEFT JOIN {ProjectPart._meta.db_table} AS part ON part.id = given.part_id
LEFT JOIN {Stage._meta.db_table} AS stage ON stage.id = given.stage_id
""",  # noqa: S608  # names of tables
        parameters,
    )
