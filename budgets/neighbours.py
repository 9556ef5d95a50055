"""The comparison of each year with the one before is derived from the rows of both, together with these."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import connection

from budgets.comparison import ComparedRows
from budgets.models import BudgetChange, BudgetChangeSum, BudgetRow
from budgets.totals import fiscal_years
from projects.models import Project, ProjectPart
from projects.order import is_stored

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
COLUMNS = f"base_year, fiscal_year, {', '.join(GIVEN)}, place"
COLUMNS_OF_SUMS = "base_year, fiscal_year, change_kind, rows"
SUMS_DERIVED = f"""
SELECT base_year, fiscal_year, change_kind, COUNT(*) FROM {BudgetChange._meta.db_table}
GROUP BY base_year, fiscal_year, change_kind
"""  # noqa: S608  # a table's name


def year_before(year: int, years: Collection[int]) -> int:
    """With which of some years a year is compared: the latest before it; itself where there is none."""
    return max((other for other in years if other < year), default=year)


def bases() -> dict[int, int]:
    """The year before each year; one query."""
    years = fiscal_years()
    return {year: year_before(year, years) for year in years}


def renew(years: Collection[int] | None) -> None:
    """Derive the comparisons of which some years are part, or all, again; and those of years that came or went."""
    stored, now = dict(BudgetChangeSum.objects.values_list("fiscal_year", "base_year")), bases()
    again = now
    if years is not None:
        again = {year: base for year, base in now.items() if {year, base} & set(years) or stored.get(year) != base}
    for changes in (BudgetChange.objects.all(), BudgetChangeSum.objects.all()):
        old = changes if years is None else changes.filter(fiscal_year__in=again.keys() | stored.keys() - now.keys())
        old._raw_delete(old.db)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and (years is None or stored.keys() != now.keys()):
            # Of what has come in this transaction it knows nothing yet, and reads all of a year for each project.
            read = (BudgetRow, Project, ProjectPart)
            cursor.execute(f"ANALYZE {', '.join(model._meta.db_table for model in read)}")
        for year, base in again.items():
            derived, parameters = changes_derived(base, year)
            cursor.execute(f"INSERT INTO {BudgetChange._meta.db_table} ({COLUMNS}) {derived}", parameters)
            sums = f"{SUMS_DERIVED} HAVING fiscal_year = {year}"
            cursor.execute(f"INSERT INTO {BudgetChangeSum._meta.db_table} ({COLUMNS_OF_SUMS}) {sums}")


def is_derived() -> bool:
    """Whether changes and sums are those that the rows of all years give, no more and no less."""
    derived = [changes_derived(base, year) for year, base in bases().items()]
    if not derived:
        return not BudgetChange.objects.exists() and not BudgetChangeSum.objects.exists()
    rows = " UNION ALL ".join(statement for statement, _ in derived)
    parameters = tuple(value for _, values in derived for value in values)
    return is_stored(rows, parameters, BudgetChange, COLUMNS) and is_stored(
        SUMS_DERIVED, (), BudgetChangeSum, COLUMNS_OF_SUMS
    )


def changes_derived(base_year: int, year: int) -> tuple[str, tuple[Any, ...]]:
    """The SELECT that gives the rows of one comparison at their places, with its parameters."""
    rows = ComparedRows.of(base_year, year)
    both = rows.compared.values(*GIVEN).union(rows.silent.values(*GIVEN), all=True)
    given, parameters = both.query.sql_with_params()
    return (
        f"""
SELECT {base_year}, {year}, {", ".join(f"given.{column}" for column in GIVEN)}, ROW_NUMBER() OVER (
    ORDER BY department_position, project.kana, project.code, part.position NULLS FIRST, given.kind NULLS FIRST
)
FROM ({given}) AS given
INNER JOIN {Project._meta.db_table} AS project ON project.id = given.project_id
LEFT JOIN {ProjectPart._meta.db_table} AS part ON part.id = given.part_id
""",  # noqa: S608  # names of tables and columns, and numbers
        parameters,
    )
