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
from budgets.touched import OF_TOUCHED_PROJECT, Figures, add_differences, touched_years
from projects.materialized_ranks import holds_exactly
from projects.models import Project, ProjectPart, ProjectRank

GIVEN = (
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
COLUMNS = f"base_year, fiscal_year, {', '.join(GIVEN)}, project_rank, number"
COLUMNS_OF_SUMS = "base_year, fiscal_year, change_kind, rows"
SUMS_DERIVED = f"""
SELECT base_year, fiscal_year, change_kind, COUNT(*) FROM {BudgetChange._meta.db_table}
GROUP BY base_year, fiscal_year, change_kind
"""  # noqa: S608  # a table's name

Comparisons = Mapping[int, int]  # fiscal year -> the year that it is compared with


def year_before(year: int, years: Collection[int]) -> int:
    """Return the year that a year is compared with: the latest one before it, or itself if it is the first."""
    return max((other for other in years if other < year), default=year)


def comparisons() -> Comparisons:
    """Map each fiscal year to the year that it is compared with; one query."""
    years = fiscal_years()
    return {year: year_before(year, years) for year in years}


def rebuild() -> None:
    """Derive all comparisons anew."""
    compare_again(comparisons(), BudgetChangeSum.objects.values_list("fiscal_year", flat=True))


def refresh_touched() -> None:
    """Refresh touched projects in the comparisons of touched years; rebuild a comparison whose year is new, gone or
    compared with another year than before.
    """
    stored, now = dict(BudgetChangeSum.objects.values_list("fiscal_year", "base_year")), comparisons()
    anew = {year: base for year, base in now.items() if stored.get(year) != base}
    gone = stored.keys() - now.keys()
    if anew or gone:
        compare_again(anew, gone)
    touched = touched_years()
    if again := {year: base for year, base in now.items() - anew.items() if {year, base} & touched}:
        refresh_projects(again)


def compare_again(anew: Comparisons, gone: Collection[int]) -> None:
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
            insert_changes({year: base})
            sums = f"{SUMS_DERIVED} HAVING fiscal_year = {year}"
            cursor.execute(f"INSERT INTO {BudgetChangeSum._meta.db_table} ({COLUMNS_OF_SUMS}) {sums}")


def refresh_projects(again: Comparisons) -> None:
    """Replace the rows of touched projects, and correct the sums by the difference."""
    old = BudgetChange.objects.filter(OF_TOUCHED_PROJECT, fiscal_year__in=again)
    before = counts_of(again)
    old._raw_delete(old.db)
    insert_changes(again, is_partial=True)
    after = counts_of(again)
    sums = BudgetChangeSum.objects.filter(fiscal_year__in=again)
    stored = sums.values_list("pk", "base_year", "fiscal_year", "change_kind", "rows")
    gone, new = add_differences(before, after, ((pk, tuple(key), (rows,)) for pk, *key, rows in stored))
    BudgetChangeSum.objects.filter(pk__in=gone).delete()
    BudgetChangeSum.objects.bulk_create(
        BudgetChangeSum(base_year=base, fiscal_year=year, change_kind=change_kind, rows=rows)
        for (base, year, change_kind), (rows,) in new.items()
    )


def counts_of(some: Comparisons) -> Figures:
    """Count the rows of touched projects by comparison and kind of change."""
    rows = BudgetChange.objects.filter(OF_TOUCHED_PROJECT, fiscal_year__in=some)
    counts = rows.values_list("base_year", "fiscal_year", "change_kind").annotate(count=Count("*"))
    return {tuple(key): (count,) for *key, count in counts}


def insert_changes(some: Comparisons, *, is_partial: bool = False) -> None:
    derived, parameters = changes_derived(some, is_partial=is_partial)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {BudgetChange._meta.db_table} ({COLUMNS}) {derived}", parameters)


def is_fresh() -> bool:
    """Tell whether the stored comparison equals one derived anew from the rows of all years."""
    if not (some := comparisons()):
        return not BudgetChange.objects.exists() and not BudgetChangeSum.objects.exists()
    return holds_exactly(*changes_derived(some), BudgetChange, COLUMNS) and holds_exactly(
        SUMS_DERIVED, (), BudgetChangeSum, COLUMNS_OF_SUMS
    )


def changes_derived(some: Comparisons, *, is_partial: bool = False) -> tuple[str, tuple[Any, ...]]:
    """Return the SELECT that derives comparison rows, of all or only of touched projects, and its parameters."""
    statements: list[str] = []
    parameters: list[Any] = []
    for year, base in some.items():
        rows = ComparedRows.of(base, year)
        if is_partial:
            rows = replace(rows, rows=rows.rows.filter(OF_TOUCHED_PROJECT))
        both = rows.compared.values(*GIVEN).union(rows.silent.values(*GIVEN), all=True)
        given, values = both.query.sql_with_params()
        parameters += values
        statements.append(
            f"""
SELECT {base}, {year}, {", ".join(f"given.{column}" for column in GIVEN)}, ranks.by_code, ROW_NUMBER() OVER (
    PARTITION BY given.project_id ORDER BY part.position NULLS FIRST, given.kind NULLS FIRST, part.code
)
FROM ({given}) AS given
INNER JOIN {ProjectRank._meta.db_table} AS ranks ON ranks.project_id = given.project_id
LEFT JOIN {ProjectPart._meta.db_table} AS part ON part.id = given.part_id
"""  # noqa: S608  # names of tables and columns, and numbers
        )
    return " UNION ALL ".join(statements), tuple(parameters)
