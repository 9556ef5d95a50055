"""The money beside results: read from the tables for the entries that are shown, never kept in the index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.utils.translation import gettext

from budgets.models import BudgetLine
from dxportal.pages.templatetags.printed import fiscal_year
from dxportal.search.models import Kind
from dxportal.search.shown import Shown
from dxportal.search.statements import asked, identity, places
from projects.models import Appearance
from projects.models.appearances import Kind as KindOfMoney

LINES = f"""
SELECT project_id, fiscal_year, kind, amount_thousand_yen FROM {BudgetLine._meta.db_table} WHERE project_id IN ({{}})
"""  # noqa: S608  # names of tables
PRINTED = f"""
SELECT id, printed_kind, printed_amount_thousand_yen FROM {Appearance._meta.db_table} WHERE id IN ({{}})
"""  # noqa: S608  # names of tables


@dataclass(frozen=True)
class Amount:
    """What it is, and how much in thousand yen; None where nothing is stated, which is never 0."""

    label: str
    thousand_yen: int | None


def amounts_of(entries: Iterable[Shown]) -> dict[UUID, list[Amount]]:
    """Of projects what is counted in the latest year that states any; of appearances what is printed; two queries."""
    rows: dict[str, list[UUID]] = defaultdict(list)
    for entry in entries:
        rows[entry.kind].append(entry.row)
    return counted(rows[Kind.PROJECT]) | printed([*rows[Kind.COMPONENT], *rows[Kind.LISTING]], rows[Kind.COMPONENT])


def counted(projects: list[UUID]) -> dict[UUID, list[Amount]]:
    if not projects:
        return {}
    totals: dict[UUID, dict[int, dict[str, int]]] = {row: {} for row in projects}
    for row, year, kind, thousand_yen in asked(LINES.format(places(projects)), projects):
        kinds = totals[identity(row)].setdefault(year, {})
        kinds[kind] = kinds.get(kind, 0) + thousand_yen
    of_nothing = [Amount(gettext("予算額"), None)]
    label = cache(lambda kind, year: f"{KindOfMoney(kind).label}（{fiscal_year(year)}）")

    def of_years(years: dict[int, dict[str, int]]) -> list[Amount]:
        latest = max(years)
        return [Amount(label(kind.value, latest), years[latest][kind]) for kind in KindOfMoney if kind in years[latest]]

    return {row: of_years(years) if years else of_nothing for row, years in totals.items()}


def printed(appearances: list[UUID], components: list[UUID]) -> dict[UUID, list[Amount]]:
    """Components state an amount or leave it out; a related project of the plan's text has none to state."""
    if not appearances:
        return {}
    words = gettext("印刷された%(kind)s")
    label = cache(lambda kind: words % {"kind": KindOfMoney(kind or KindOfMoney.EXPENDITURE).label})
    rows = asked(PRINTED.format(places(appearances)), appearances)
    return {
        row: [Amount(label(kind), amount)]
        for row, kind, amount in ((identity(row), kind, amount) for row, kind, amount in rows)
        if kind or row in components
    }
