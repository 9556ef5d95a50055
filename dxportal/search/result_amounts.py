"""Amounts shown beside results: read from the tables for the results of one page, never stored in the index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from uuid import UUID

from django.utils.translation import gettext

from budgets.models import BudgetRow, Measure
from budgets.models.measures import OPENING_MEASURES, sum_in_memory
from dxportal.money_and_years import fiscal_year
from dxportal.search.models import DocumentKind
from dxportal.search.raw_sql import fetch_rows, placeholders, to_uuid
from dxportal.search.result_rows import ResultRow
from projects.models import Appearance
from projects.models.appearances import AmountKind

# Place of the first opening measure that counts a line. The amounts of a project are those of its first measure.
OPENING_PLACE = " ".join(f"WHEN {measure.column} THEN {place}" for place, measure in enumerate(OPENING_MEASURES))
COUNTS = " OR ".join(measure.column for measure in OPENING_MEASURES)
COUNTED_AMOUNTS_SQL = f"""
SELECT project_id, fiscal_year, kind, amount_thousand_yen, CASE {OPENING_PLACE} END
FROM {BudgetRow._meta.db_table} INNER JOIN (
    SELECT project_id AS project, MAX(fiscal_year) AS latest
    FROM {BudgetRow._meta.db_table}
    WHERE line_id IS NOT NULL AND project_id IN ({{}}) AND ({COUNTS}) GROUP BY project_id
) AS years ON project_id = project AND fiscal_year = latest WHERE line_id IS NOT NULL
"""  # noqa: S608  # names of tables and columns
PRINTED_AMOUNTS_SQL = f"""
SELECT id, fiscal_year, printed_kind, printed_amount_thousand_yen, NULL
FROM {Appearance._meta.db_table} WHERE id IN ({{}})
"""  # noqa: S608  # names of tables

# A project or an appearance, the fiscal year, the kind, thousand yen, the place of the measure of a counted amount.
AmountRow = tuple[UUID, int, str, int | None, int | None]


@dataclass(frozen=True)
class ResultAmount:
    """A labelled amount in thousand yen; None if not stated, which is never 0."""

    label: str
    thousand_yen: int | None


def read_amounts(results: Iterable[ResultRow]) -> dict[UUID, list[ResultAmount]]:
    """Return amounts by row; one query.

    Those of projects are of the latest year of which an opening measure counts any: a year with nothing but what was
    carried in is passed over. Those of appearances are as printed.
    """
    rows: dict[str, list[UUID]] = defaultdict(list)
    for result in results:
        rows[result.kind].append(result.row)
    projects, components = rows[DocumentKind.PROJECT], rows[DocumentKind.COMPONENT]
    appearances = [*components, *rows[DocumentKind.LISTING]]
    amounts = read_amount_rows({COUNTED_AMOUNTS_SQL: projects, PRINTED_AMOUNTS_SQL: appearances})
    of_projects = {*projects}
    lines = [row for row in amounts if row[0] in of_projects]
    printed = [row for row in amounts if row[0] not in of_projects]
    return budget_amounts(projects, lines) | printed_amounts(components, printed)


def read_amount_rows(keys_by_statement: Mapping[str, list[UUID]]) -> list[AmountRow]:
    """Run each statement for its primary keys, joined by UNION ALL; one query, none without keys."""
    statements = [statement.format(placeholders(keys)) for statement, keys in keys_by_statement.items() if keys]
    rows = fetch_rows(" UNION ALL ".join(statements), chain(*keys_by_statement.values())) if statements else []
    return [(to_uuid(row), year, kind, amount, place) for row, year, kind, amount, place in rows]


def budget_amounts(projects: list[UUID], rows: list[AmountRow]) -> dict[UUID, list[ResultAmount]]:
    if not projects:
        return {}
    first: dict[UUID, int] = {}
    for row, _, _, _, place in rows:
        if place is not None:
            first[row] = min(place, first.get(row, place))
    latest: dict[UUID, int] = {}
    amounts: dict[tuple[UUID, str], list[int]] = defaultdict(list)
    for row, year, kind, thousand_yen, place in rows:
        if thousand_yen is not None and place is not None and place == first[row]:
            latest[row] = year
            amounts[row, kind].append(thousand_yen)
    not_stated = [ResultAmount(gettext("予算額"), None)]

    @cache
    def label(kind: str, year: int, measure: Measure) -> str:
        words = measure.amount_label if kind == AmountKind.EXPENDITURE else AmountKind(kind).label
        return f"{words}（{fiscal_year(year)}）"

    def stated_amounts(row: UUID) -> list[ResultAmount]:
        kinds = [kind.value for kind in AmountKind if (row, kind.value) in amounts]
        return [
            ResultAmount(label(kind, latest[row], OPENING_MEASURES[first[row]]), sum_in_memory(amounts[row, kind]))
            for kind in kinds
        ]

    return {row: stated_amounts(row) or not_stated for row in projects}


def printed_amounts(components: list[UUID], rows: list[AmountRow]) -> dict[UUID, list[ResultAmount]]:
    """Return printed amounts by appearance. A component without one is labelled not stated; a listing is left out."""
    pattern = gettext("資料に記載の%(kind)s（%(year)s）")
    label = cache(
        lambda kind, year: (
            pattern % {"kind": AmountKind(kind or AmountKind.EXPENDITURE).label, "year": fiscal_year(year)}
        )
    )
    return {
        row: [ResultAmount(label(kind, year), amount)]
        for row, year, kind, amount, _ in rows
        if kind or row in components
    }
