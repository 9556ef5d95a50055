"""Formatting of money, percentages and fiscal years for pages, files and messages."""

from __future__ import annotations

from functools import lru_cache

from django.utils.translation import get_language, gettext, gettext_lazy

NOT_STATED = gettext_lazy("記載なし")
NOTHING_TO_STATE = gettext_lazy("－")  # where there is nothing that could have an amount
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
ERAS = ((2019, gettext_lazy("令和")), (1989, gettext_lazy("平成")), (1926, gettext_lazy("昭和")))


def money(thousand_yen: int | None) -> str:
    """Format thousand yen: `45586` → `45,586千円`, `-3000` → `△3,000千円`, 0 → `0円`; None → `記載なし`."""
    if thousand_yen is None:
        return str(NOT_STATED)
    return gettext("%(amount)s千円") % {"amount": with_triangle(thousand_yen)} if thousand_yen else gettext("0円")


def with_triangle(figure: int) -> str:
    """Format a number as budgets print it: `45,586`, a reduction `△3,000`."""
    return f"{'△' if figure < 0 else ''}{abs(figure):,}"


def money_in_caption_unit(thousand_yen: int | None) -> str:
    """Format thousand yen for a table whose caption states the unit: `45586` → `45,586`; else as `money` does."""
    return with_triangle(thousand_yen) if thousand_yen else money(thousand_yen)


def thousands(figure: int) -> str:
    """Separate the thousands of a count: `45586` → `45,586`."""
    return f"{figure:,}"


def signed(thousand_yen: int) -> str:
    """Format a difference: `1000` → `+1,000千円`, `-1000` → `−1,000千円` (U+2212, which screen readers announce)."""
    return sign(thousand_yen) + money(abs(thousand_yen))


def sign(figure: float) -> str:
    return "+" if figure > 0 else "−" if figure < 0 else ""


def signed_percent(percent: float) -> str:
    """Format a change in per cent: `33.3` → `+33.3`, `-33.3` → `−33.3`, `0.0` → `0.0`."""
    return f"{sign(percent)}{abs(percent):,.1f}"


def minus(thousand_yen: int) -> str:
    """Format a missing amount as negative: `1000` → `−1,000千円`."""
    return signed(-thousand_yen)


# thousand yen in one of each unit, the largest first
NUMBER_UNITS = (
    (10**9, gettext_lazy("兆")),
    (10**5, gettext_lazy("億")),
    (10, gettext_lazy("万")),
    (1, gettext_lazy("千")),
)


def money_words(thousand_yen: int) -> str:
    """Format thousand yen in Japanese number units: `1572734` → `15億7,273万4千円`, `-3000` → `△300万円`."""
    words, rest = "△" if thousand_yen < 0 else "", abs(thousand_yen)
    for size, unit in NUMBER_UNITS:
        count, rest = divmod(rest, size)
        words += f"{count:,}{unit}" if count else ""
    return gettext("%(amount)s円") % {"amount": words or "0"}


def fiscal_year(year: int) -> str:
    """Format a fiscal year as the plan prints it: `2021` → `令和３年度（2021年度）`."""
    return fiscal_year_in(get_language(), year)


@lru_cache(maxsize=1000)
def fiscal_year_in(language: str | None, year: int) -> str:
    """Format a fiscal year in a language; memoised, because a page repeats each year."""
    for start, era in ERAS:
        if year >= start:
            number = year - start + 1
            names = {"era": era, "number": era_year(number), "year": year}
            return gettext("%(era)s%(number)s年度（%(year)s年度）") % names
    return gettext("%(year)s年度") % {"year": year}


def era_year(number: int) -> str:
    """Format a year of an era: 元 for the first; one digit full-width, two half-width, as Japanese print sets them."""
    if number == 1:
        return gettext("元")
    return str(number).translate(FULL_WIDTH) if number < 10 else str(number)


def percent_of(part: int, whole: int | None) -> str:
    """Format a share: `percent_of(1, 3)` → `33.3`; the empty string if `whole` is 0 or None."""
    return f"{100 * part / whole:.1f}" if whole else ""
