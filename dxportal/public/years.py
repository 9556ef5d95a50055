"""Choice of the fiscal year of a page or section: the one in the address, or the one on which the section opens."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from budgets.years import SectionYears
from dxportal.money_and_years import fiscal_year
from dxportal.public.switch_links import SwitchLink
from dxportal.typed_values import find_fiscal_year


@dataclass(frozen=True)
class YearChoice:
    """The fiscal year shown (0 if there is none), the years offered, and a requested value that is no known year."""

    chosen: int
    years: list[int]
    unknown: str = ""

    @property
    def choices(self) -> list[SwitchLink]:
        """Links to the same page in each year."""
        return [SwitchLink(fiscal_year(year), f"?year={year}", year == self.chosen) for year in self.years]


def chosen_year(request: HttpRequest, section: SectionYears) -> YearChoice:
    """Return the fiscal year of `?year=`, even if the section has no rows of it, or the one on which it opens."""
    requested = request.GET.get("year", "")
    year = find_fiscal_year(requested, section.all_years)
    if year is not None:
        return YearChoice(year, sorted({*section.years, year}, reverse=True))
    return YearChoice(section.default, section.years, requested[:20])


def chosen_year_with_rows(request: HttpRequest, section: SectionYears) -> YearChoice:
    """Return the fiscal year of `?year=` if the section has rows of it, or the one on which it opens.

    For a page of several sections, of which another may have rows of the requested year.
    """
    choice = chosen_year(request, section)
    if choice.unknown or choice.chosen in section.years:
        return choice
    return YearChoice(section.default, section.years)
