"""Materialised year-on-year comparison (`BudgetChange`, `BudgetChangeSum`), refreshed together with the budget rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count

from budgets.comparison import ComparedRows
from budgets.models import BudgetChange, BudgetChangeSum, BudgetRow, Measure
from budgets.models.measures import choose_common_measure
from budgets.touched import OF_TOUCHED_PROJECT, FiguresByKey, correct_sums, find_touched_years
from budgets.years import CatalogueYears, read_years
from projects.materialized_ranks import holds_exactly
from projects.models import Project, ProjectRank

COMPARED_COLUMNS = (
    "project_id",
    "base_department",
    "in_charge",
    "department_position",
    "base_amount",
    "amount",
    "base_lending_limit",
    "lending_limit",
    "change",
    "change_kind",
)
COMPARISON_COLUMNS = f"base_year, fiscal_year, {', '.join(COMPARED_COLUMNS)}, project_rank"
COMPARISON_SUM_COLUMNS = "base_year, fiscal_year, measure, change_kind, rows"


class YearPair(NamedTuple):
    """The year that a fiscal year is compared with, and the measure of both."""

    base_year: int
    measure: Measure


YearPairs = Mapping[int, YearPair]  # by fiscal year


def year_before(year: int, years: Collection[int]) -> int:
    """Return the year that a year is compared with: the latest one before it, or itself if it is the first."""
    return max((other for other in years if other < year), default=year)


def pair_years(base_year: int, year: int, years: CatalogueYears) -> YearPair:
    """Pair a year with another and the measure by which the two are compared."""
    measure = choose_common_measure(years.stated_measures(year), years.stated_measures(base_year))
    return YearPair(base_year, measure)


def find_pairs() -> YearPairs:
    """Map each fiscal year to its comparison; one query."""
    years = read_years()
    return {year: pair_years(year_before(year, years.all_years), year, years) for year in years.all_years}


def derive_comparison_sums(pairs: YearPairs) -> str:
    """Return the SELECT that counts the rows of comparisons by kind of change."""
    measures = " ".join(f"WHEN {year} THEN '{pair.measure}'" for year, pair in pairs.items())
    years = ", ".join(map(str, pairs))
    return f"""
SELECT base_year, fiscal_year, CASE fiscal_year {measures} END, change_kind, COUNT(*)
FROM {BudgetChange._meta.db_table} WHERE fiscal_year IN ({years}) GROUP BY base_year, fiscal_year, change_kind
"""  # noqa: S608  # a table's name, numbers and measures


def rebuild_comparisons() -> None:
    """Derive all comparisons anew."""
    replace_comparisons(find_pairs(), BudgetChangeSum.objects.values_list("fiscal_year", flat=True))


def refresh_touched_comparisons() -> None:
    """Refresh touched projects in the comparisons of touched years; rebuild a comparison whose year is new, gone or
    compared with another year or by another measure than before.
    """
    sums = BudgetChangeSum.objects.values_list("fiscal_year", "base_year", "measure")
    stored = {year: YearPair(base, Measure(measure)) for year, base, measure in sums}
    now = find_pairs()
    anew = {year: pair for year, pair in now.items() if stored.get(year) != pair}
    gone = stored.keys() - now.keys()
    if anew or gone:
        replace_comparisons(anew, gone)
    touched = find_touched_years()
    unchanged = {year: pair for year, pair in now.items() if year not in anew}
    if again := {year: pair for year, pair in unchanged.items() if {year, pair.base_year} & touched}:
        refresh_touched_projects(again)


def replace_comparisons(anew: YearPairs, gone: Collection[int]) -> None:
    """Rebuild the comparisons `anew` and delete those of the years `gone`."""
    years = {*gone, *anew}
    for changes in (BudgetChange.objects.all(), BudgetChangeSum.objects.all()):
        old = changes.filter(fiscal_year__in=years)
        old._raw_delete(old.db)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Without statistics on rows of this transaction the planner would scan a whole year for each project.
            read = (BudgetRow, Project, ProjectRank)
            cursor.execute(f"ANALYZE {', '.join(model._meta.db_table for model in read)}")
        for year, pair in anew.items():
            insert_comparison_rows({year: pair})
            sums = derive_comparison_sums({year: pair})
            cursor.execute(f"INSERT INTO {BudgetChangeSum._meta.db_table} ({COMPARISON_SUM_COLUMNS}) {sums}")


def refresh_touched_projects(again: YearPairs) -> None:
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
        BudgetChangeSum(
            base_year=base, fiscal_year=year, measure=again[year].measure, change_kind=change_kind, rows=rows
        )
        for (base, year, change_kind), (rows,) in new.items()
    )


def count_touched_rows(some: YearPairs) -> FiguresByKey:
    """Count the rows of touched projects by comparison and kind of change."""
    rows = BudgetChange.objects.filter(OF_TOUCHED_PROJECT, fiscal_year__in=some)
    counts = rows.values_list("base_year", "fiscal_year", "change_kind").annotate(count=Count("*"))
    return {tuple(key): (count,) for *key, count in counts}


def insert_comparison_rows(some: YearPairs, *, is_partial: bool = False) -> None:
    derived, parameters = derive_comparison_query(some, is_partial=is_partial)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {BudgetChange._meta.db_table} ({COMPARISON_COLUMNS}) {derived}", parameters)


def has_fresh_comparisons() -> bool:
    """Tell whether the stored comparison equals one derived anew from the rows of all years."""
    if not (pairs := find_pairs()):
        return not BudgetChange.objects.exists() and not BudgetChangeSum.objects.exists()
    return holds_exactly(*derive_comparison_query(pairs), BudgetChange, COMPARISON_COLUMNS) and holds_exactly(
        derive_comparison_sums(pairs), (), BudgetChangeSum, COMPARISON_SUM_COLUMNS
    )


def derive_comparison_query(some: YearPairs, *, is_partial: bool = False) -> tuple[str, tuple[Any, ...]]:
    """Return the SELECT that derives comparison rows, of all or only of touched projects, and its parameters."""
    statements: list[str] = []
    parameters: list[Any] = []
    for year, (base, measure) in some.items():
        rows = ComparedRows.of(base, year, measure)
        if is_partial:
            rows = replace(rows, rows=rows.rows.filter(OF_TOUCHED_PROJECT))
        given, values = rows.compared.values(*COMPARED_COLUMNS).query.sql_with_params()
        parameters += values
        columns = ", ".join(f"given.{column}" for column in COMPARED_COLUMNS)
        statements.append(
            f"""
SELECT {base}, {year}, {columns}, ranks.by_code
FROM ({given}) AS given
INNER JOIN {ProjectRank._meta.db_table} AS ranks ON ranks.project_id = given.project_id
"""  # noqa: S608  # names of tables and columns, and numbers
        )
    return " UNION ALL ".join(statements), tuple(parameters)
