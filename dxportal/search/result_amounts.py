"""Amounts shown beside results: read from the tables for the results of one page, never stored in the index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from uuid import UUID

from django.utils.translation import gettext

from budgets.models import BudgetLine
from dxportal.money_and_years import fiscal_year
from dxportal.search.models import Kind
from dxportal.search.raw_sql import identity, placeholders, rows_of
from dxportal.search.result_rows import ResultRow
from projects.models import Appearance
from projects.models.appearances import AmountKind

LINES = f"""
SELECT project_id, fiscal_year, kind, amount_thousand_yen FROM {BudgetLine._meta.db_table} INNER JOIN (
    SELECT project_id AS project, MAX(fiscal_year) AS latest
    FROM {BudgetLine._meta.db_table} WHERE project_id IN ({{}}) GROUP BY project_id
) AS years ON project_id = project AND fiscal_year = latest
"""  # noqa: S608  # names of tables
PRINTED = f"""
SELECT id, NULL, printed_kind, printed_amount_thousand_yen FROM {Appearance._meta.db_table} WHERE id IN ({{}})
"""  # noqa: S608  # names of tables

Row = tuple[UUID, int | None, str, int | None]  # a project or an appearance, the fiscal year, the kind, thousand yen


@dataclass(frozen=True)
class Amount:
    """A labelled amount in thousand yen; None if not stated, which is never 0."""

    label: str
    thousand_yen: int | None


def amounts_of(results: Iterable[ResultRow]) -> dict[UUID, list[Amount]]:
    """Return amounts by row: for projects, counted in their latest year; for appearances, printed; one query."""
    rows: dict[str, list[UUID]] = defaultdict(list)
    for result in results:
        rows[result.kind].append(result.row)
    projects, components = rows[Kind.PROJECT], rows[Kind.COMPONENT]
    found = read({LINES: projects, PRINTED: [*components, *rows[Kind.LISTING]]})
    return counted(projects, found) | printed(components, found)


def read(wanted: Mapping[str, list[UUID]]) -> list[Row]:
    """Run each statement for its primary keys, joined by UNION ALL; one query, none without keys."""
    statements = [statement.format(placeholders(rows)) for statement, rows in wanted.items() if rows]
    found = rows_of(" UNION ALL ".join(statements), chain(*wanted.values())) if statements else []
    return [(identity(row), year, kind, amount) for row, year, kind, amount in found]


def counted(projects: list[UUID], found: list[Row]) -> dict[UUID, list[Amount]]:
    if not projects:
        return {}
    latest: dict[UUID, int] = {}
    totals: dict[tuple[UUID, str], int] = defaultdict(int)
    for row, year, kind, thousand_yen in found:
        if year is not None and thousand_yen is not None:  # a budget line, which always has both
            latest[row] = year
            totals[row, kind] += thousand_yen
    of_nothing = [Amount(gettext("予算額"), None)]
    label = cache(lambda kind, year: f"{AmountKind(kind).label}（{fiscal_year(year)}）")

    def stated(row: UUID) -> list[Amount]:
        kinds = [kind.value for kind in AmountKind if (row, kind.value) in totals]
        return [Amount(label(kind, latest[row]), totals[row, kind]) for kind in kinds]

    return {row: stated(row) or of_nothing for row in projects}


def printed(components: list[UUID], found: list[Row]) -> dict[UUID, list[Amount]]:
    """Return printed amounts by appearance. A component without one is labelled not stated; a listing is left out."""
    words = gettext("印刷された%(kind)s")
    label = cache(lambda kind: words % {"kind": AmountKind(kind or AmountKind.EXPENDITURE).label})
    return {
        row: [Amount(label(kind), amount)]
        for row, year, kind, amount in found
        if year is None and (kind or row in components)
    }
