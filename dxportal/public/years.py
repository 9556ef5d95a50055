"""Which fiscal year a page shows: the one in the address, or else the latest."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from budgets.totals import fiscal_years
from dxportal.money_and_years import fiscal_year
from dxportal.public.choices import Choice
from dxportal.typed_values import find_fiscal_year


@dataclass(frozen=True)
class YearChoice:
    """The year a page shows (0 while there are none), all years, and an asked year that is unknown."""

    chosen: int
    years: list[int]
    unknown: str = ""

    @property
    def choices(self) -> list[Choice]:
        """The same page in each of the years."""
        return [Choice(fiscal_year(year), f"?year={year}", year == self.chosen) for year in self.years]


def chosen_year(request: HttpRequest) -> YearChoice:
    """The year of `?year=`, or the latest; one query."""
    years = fiscal_years()
    asked = request.GET.get("year", "")
    year = find_fiscal_year(asked, years)
    if year is not None:
        return YearChoice(year, years)
    return YearChoice(years[0] if years else 0, years, asked[:20])
