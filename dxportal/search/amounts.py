"""The money beside results: read from the tables for the entries that are shown, never kept in the index."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext

from budgets.models import BudgetLine
from dxportal.pages.templatetags.printed import fiscal_year
from dxportal.search.models import Entry, Kind
from projects.models import Appearance
from projects.models.appearances import Kind as KindOfMoney


@dataclass(frozen=True)
class Amount:
    """What it is, and how much in thousand yen; None where nothing is stated, which is never 0."""

    label: str
    thousand_yen: int | None


def amounts_of(entries: Iterable[Entry]) -> dict[UUID, list[Amount]]:
    """Of projects what is counted in the latest year that states any; of appearances what is printed; two queries."""
    rows = {kind: [entry.pk for entry in entries if entry.kind == kind] for kind in Kind}
    return counted(rows[Kind.PROJECT]) | printed([*rows[Kind.COMPONENT], *rows[Kind.LISTING]], rows[Kind.COMPONENT])


def counted(projects: list[UUID]) -> dict[UUID, list[Amount]]:
    lines = BudgetLine.objects.filter(project__in=projects).order_by()
    totals: dict[UUID, dict[int, dict[str, int]]] = {row: {} for row in projects}
    for row, year, kind, thousand_yen in lines.values_list("project", "fiscal_year", "kind", "amount_thousand_yen"):
        kinds = totals[row].setdefault(year, {})
        kinds[kind] = kinds.get(kind, 0) + thousand_yen
    return {row: of_years(years) for row, years in totals.items()}


def of_years(years: dict[int, dict[str, int]]) -> list[Amount]:
    if not years:
        return [Amount(gettext("予算額"), None)]
    latest = max(years)
    return [
        Amount(f"{kind.label}（{fiscal_year(latest)}）", years[latest][kind])
        for kind in KindOfMoney
        if kind in years[latest]
    ]


def printed(appearances: list[UUID], components: list[UUID]) -> dict[UUID, list[Amount]]:
    """Components state an amount or leave it out; a related project of the plan's text has none to state."""
    stated = {kind.value: str(kind.label) for kind in KindOfMoney}
    rows = Appearance.objects.filter(pk__in=appearances).order_by()
    return {
        row: [Amount(gettext("印刷された%(kind)s") % {"kind": stated.get(kind, stated["expenditure"])}, amount)]
        for row, kind, amount in rows.values_list("pk", "printed_kind", "printed_amount_thousand_yen")
        if kind or row in components
    }
