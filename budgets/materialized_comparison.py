"""Materialised year-on-year comparison (`BudgetChange`, `BudgetChangeSum`), refreshed together with the budget rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from django.db import connection
from django.db.models import Count

from budgets.comparison import ComparedRows
from budgets.models import BudgetChange, BudgetChangeSum, BudgetRow
from budgets.totals import fiscal_years
from budgets.touched import OF_TOUCHED_PROJECT, FiguresByKey, correct_sums, find_touched_years
from projects.materialized_ranks import holds_exactly
from projects.models import Project, ProjectPart, ProjectRank

COMPARED_COLUMNS = (
    "project_id",
    "part_id",
    "kind",
    "base_department",
    "in_charge",
    "department_position",
    "base_amount",
    "amount",
    "change",
    "change_kind",
)
COMPARISON_COLUMNS = f"base_year, fiscal_year, {', '.join(COMPARED_COLUMNS)}, project_rank, number"
COMPARISON_SUM_COLUMNS = "base_year, fiscal_year, change_kind, rows"
COMPARISON_SUMS_QUERY = f"""
SELECT base_year, fiscal_year, change_kind, COUNT(*) FROM {BudgetChange._meta.db_table}
GROUP BY base_year, fiscal_year, change_kind
"""  # noqa: S608  # a table's name

BaseYears = Mapping[int, int]  # fiscal year -> the year that it is compared with


def year_before(year: int, years: Collection[int]) -> int:
    """Return the year that a year is compared with: the latest one before it, or itself if it is the first."""
    return max((other for other in years if other < year), default=year)


def find_base_years() -> BaseYears:
    """Map each fiscal year to the year that it is compared with; one query."""
    years = fiscal_years()
    return {year: year_before(year, years) for year in years}


def rebuild_comparisons() -> None:
    """Derive all comparisons anew."""
    replace_comparisons(find_base_years(), BudgetChangeSum.objects.values_list("fiscal_year", flat=True))


def refresh_touched_comparisons() -> None:
    """Refresh touched projects in the comparisons of touched years; rebuild a comparison whose year is new, gone or
    compared with another year than before.
    """
    stored, now = dict(BudgetChangeSum.objects.values_list("fiscal_year", "base_year")), find_base_years()
    anew = {year: base for year, base in now.items() if stored.get(year) != base}
    gone = stored.keys() - now.keys()
    if anew or gone:
        replace_comparisons(anew, gone)
    touched = find_touched_years()
    if again := {year: base for year, base in now.items() - anew.items() if {year, base} & touched}:
        refresh_touched_projects(again)


def replace_comparisons(anew: BaseYears, gone: Collection[int]) -> None:
    """Rebuild the comparisons `anew` and delete those of the years `gone`."""
    years = {*gone, *anew}
    for changes in (BudgetChange.objects.all(), BudgetChangeSum.objects.all()):
        old = changes.filter(fiscal_year__in=years)
        old._raw_delete(old.db)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Without statistics on rows of this transaction the planner would scan a whole year for each project.
            read = (BudgetRow, Project, ProjectPart, ProjectRank)
            cursor.execute(f"ANALYZE {', '.join(model._meta.db_table for model in read)}")
        for year, base in anew.items():
            insert_comparison_rows({year: base})
            sums = f"{COMPARISON_SUMS_QUERY} HAVING fiscal_year = {year}"
            cursor.execute(f"INSERT INTO {BudgetChangeSum._meta.db_table} ({COMPARISON_SUM_COLUMNS}) {sums}")


def refresh_touched_projects(again: BaseYears) -> None:
    """Replace the rows of touched projects, and correct the sums by the difference."""
    old = BudgetChange.objects.filter(OF_TOUCHED_PROJECT, fiscal_year__in=again)
    before = count_touched_rows(again)
    old._raw_delete(old.db)
    insert_comparison_rows(again, is_partial=True)
    after = count_touched_rows(again)
    sums = BudgetChangeSum.objects.filter(fiscal_year__in=again)
    stored = sums.values_list("pk", "base_year", "fiscal_year", "change_kind", "rows")
    gone, new = correct_sums(before, after, ((pk, tuple(key), (rows,)) for pk, *key, rows in stored))
    BudgetChangeSum.objects.filter(pk__in=gone).delete()
    BudgetChangeSum.objects.bulk_create(
        BudgetChangeSum(base_year=base, fiscal_year=year, change_kind=change_kind, rows=rows)
        for (base, year, change_kind), (rows,) in new.items()
    )


def count_touched_rows(some: BaseYears) -> FiguresByKey:
    """Count the rows of touched projects by comparison and kind of change."""
    rows = BudgetChange.objects.filter(OF_TOUCHED_PROJECT, fiscal_year__in=some)
    counts = rows.values_list("base_year", "fiscal_year", "change_kind").annotate(count=Count("*"))
    return {tuple(key): (count,) for *key, count in counts}


def insert_comparison_rows(some: BaseYears, *, is_partial: bool = False) -> None:
    derived, parameters = derive_comparison_query(some, is_partial=is_partial)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {BudgetChange._meta.db_table} ({COMPARISON_COLUMNS}) {derived}", parameters)


def has_fresh_comparisons() -> bool:
    """Tell whether the stored comparison equals one derived anew from the rows of all years."""
    if not (some := find_base_years()):
        return not BudgetChange.objects.exists() and not BudgetChangeSum.objects.exists()
    return holds_exactly(*derive_comparison_query(some), BudgetChange, COMPARISON_COLUMNS) and holds_exactly(
        COMPARISON_SUMS_QUERY, (), BudgetChangeSum, COMPARISON_SUM_COLUMNS
    )


def derive_comparison_query(some: BaseYears, *, is_partial: bool = False) -> tuple[str, tuple[Any, ...]]:
    """Return the SELECT that derives comparison rows, of all or only of touched projects, and its parameters."""
    statements: list[str] = []
    parameters: list[Any] = []
    for year, base in some.items():
        rows = ComparedRows.of(base, year)
        if is_partial:
            rows = replace(rows, rows=rows.rows.filter(OF_TOUCHED_PROJECT))
        both = rows.compared.values(*COMPARED_COLUMNS).union(rows.silent.values(*COMPARED_COLUMNS), all=True)
        given, values = both.query.sql_with_params()
        parameters += values
        statements.append(
            f"""
SELECT {base}, {year}, {", ".join(f"given.{column}" for column in COMPARED_COLUMNS)}, ranks.by_code, ROW_NUMBER() OVER (
    PARTITION BY given.project_id ORDER BY part.position NULLS FIRST, given.kind NULLS FIRST, part.code
)
FROM ({given}) AS given
INNER JOIN {ProjectRank._meta.db_table} AS ranks ON ranks.project_id = given.project_id
LEFT JOIN {ProjectPart._meta.db_table} AS part ON part.id = given.part_id
"""  # noqa: S608  # names of tables and columns, and numbers
        )
    return " UNION ALL ".join(statements), tuple(parameters)
