"""Choice of the fiscal year of a page: the one in the address, or the latest."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from budgets.totals import fiscal_years
from dxportal.money_and_years import fiscal_year
from dxportal.public.switch_links import SwitchLink
from dxportal.typed_values import find_fiscal_year


@dataclass(frozen=True)
class YearChoice:
    """The fiscal year shown (0 if there is none), all years, and a requested value that is no known year."""

    chosen: int
    years: list[int]
    unknown: str = ""

    @property
    def choices(self) -> list[SwitchLink]:
        """Links to the same page in each year."""
        return [SwitchLink(fiscal_year(year), f"?year={year}", year == self.chosen) for year in self.years]


def chosen_year(request: HttpRequest) -> YearChoice:
    """Return the fiscal year of `?year=`, or the latest; one query."""
    years = fiscal_years()
    requested = request.GET.get("year", "")
    year = find_fiscal_year(requested, years)
    if year is not None:
        return YearChoice(year, years)
    return YearChoice(years[0] if years else 0, years, requested[:20])
