"""Parsers of amounts, fiscal years, codes and names typed into forms, sheets, plan folders and filters.

Each `parse_` function returns the only value that a text can mean, or raises UnreadableError with a sentence about the
expected form. Only widths are folded: NFKC would turn `①`, `²` or `㍻` into digits and letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.translation import gettext

from catalog.models.base import CODE_VALIDATOR, FISCAL_YEARS
from catalog.normal_form import widen_katakana

MAX_AMOUNT = 10**15  # thousand yen: above any budget, within the range of a database column
MAX_CODE_LENGTH = 100
FISCAL_YEAR_FIELDS = frozenset({"fiscal_year", "base_year", "period_from", "period_to"})
AMOUNT_FIELDS = frozenset({"amount_thousand_yen", "printed_amount_thousand_yen"})
MAX_DIGITS = 20  # too many for any value; int() is slow on thousands of digits

DIGIT_WIDTHS = str.maketrans("０１２３４５６７８９，．－（）", "0123456789,.-()")
FULL_WIDTH_ASCII = {0xFEE0 + ordinary: chr(ordinary) for ordinary in range(0x21, 0x7F)}
SPACES = {0x3000: " ", 0xA0: " "}
LOWER_CASE = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
NAME_WIDTHS = {**FULL_WIDTH_ASCII, **SPACES}

AMOUNT_PATTERN = re.compile(r"(0)円|(0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:[ \u3000]*千円)?")
# How a reduction is printed or typed: △3,000, ▲3000, -3,000, −3000, (3,000); the sign may have a space after it.
REDUCTION_PATTERN = re.compile(
    r"[△▲\-−][ \u3000]*([0-9].*)|\(([0-9,]+)\)(?:[ \u3000]*千円)?|\(([0-9,]+[ \u3000]*千円)\)"
)
EXPONENT = re.compile(r"[-+]?[0-9][0-9,]*(?:\.[0-9]*)?[eE][-+]?[0-9]+")
COUNT_PATTERN = re.compile(r"0|[1-9][0-9]*")
WESTERN_YEAR = re.compile(r"([12][0-9]{3}) *(?:年度?)?")
ERA_YEAR = re.compile(r"(令和|平成|昭和|[rhs]) *([0-9]{1,2}|元) *(?:年度?)?(?: *\(([12][0-9]{3})(?:年度?)?\))?")
ERA_OFFSETS = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988, "昭和": 1925, "s": 1925}


class UnreadableError(ValueError):
    """Raised for a text without a value or with several, with a sentence about the expected form."""


def fold_name(text: str) -> str:
    """Fold the differences that names, codes and headers ignore: width, ASCII case, composition, outer white space."""
    return widen_katakana(text.translate(NAME_WIDTHS).translate(LOWER_CASE)).strip()


def parse_signed_amount(text: str) -> int:
    """Parse an amount in thousand yen that may be a reduction: `45,586`, `△3,000`, `-3,000`, `（3,000）`."""
    reduction = REDUCTION_PATTERN.fullmatch(text.strip().translate(DIGIT_WIDTHS))
    return -parse_amount(next(filter(None, reduction.groups()))) if reduction else parse_amount(text)


def parse_amount(text: str) -> int:
    """Parse an amount in thousand yen: `45586`, `45,586`, `４５，５８６千円`; `0円` as pages write it."""
    folded = text.strip().translate(DIGIT_WIDTHS)
    if EXPONENT.fullmatch(folded):
        raise UnreadableError(
            gettext(
                "指数の形の数は、元の桁が失われていることがあるので読めません。千円単位の整数で入れてください（例：45,586）。"
            )
        )
    amount = AMOUNT_PATTERN.fullmatch(folded)
    if amount is None:
        raise UnreadableError(
            gettext(
                "金額は千円単位の整数で入れてください（例：45,586。減額は △3,000）。"
                "小数や注の印は使えず、桁区切りは三桁ごとです。"
            )
        )
    number = int((amount[1] or amount[2]).replace(",", "")[:MAX_DIGITS])
    if number > MAX_AMOUNT:
        raise UnreadableError(gettext("金額が大きすぎます。千円単位で入れているか確かめてください。"))
    return number


def parse_count(text: str) -> int:
    """Parse a non-negative integer without unit or separators, such as a page: `12`, `１２`."""
    folded = text.strip().translate(DIGIT_WIDTHS)
    if not COUNT_PATTERN.fullmatch(folded):
        raise UnreadableError(gettext("0以上の整数を数字だけで入れてください（例：12）。"))
    return int(folded[:MAX_DIGITS])


def parse_fiscal_year(text: str) -> int:
    """Parse a fiscal year to the Western year of its April: `2021`, `令和３年度`, `R3`, `令和３年度（2021年度）`."""
    folded = fold_name(text)
    if western := WESTERN_YEAR.fullmatch(folded):
        year, bracketed = int(western[1]), None
    elif era := ERA_YEAR.fullmatch(folded):
        year = ERA_OFFSETS[era[1]] + int(era[2].replace("元", "1"))
        bracketed = era[3]
        if year == ERA_OFFSETS[era[1]]:
            year = 0
    else:
        year, bracketed = 0, None
    if not FISCAL_YEARS[0] <= year <= FISCAL_YEARS[1]:
        raise UnreadableError(gettext("年度を「2021」「令和３年度」「R3」のように入れてください。"))
    if bracketed and int(bracketed) != year:
        raise UnreadableError(
            gettext("「%(text)s」は食い違っています。%(era)sは%(year)s年度です。どちらかに直してください。")
            % {"text": text.strip(), "era": text.strip().translate(FULL_WIDTH_ASCII).partition("(")[0], "year": year}
        )
    return year


def parse_code(text: str) -> str:
    """Parse a code, folding full-width letters, digits and hyphens, and capitals."""
    code = fold_name(text)
    if not CODE_VALIDATOR.regex.match(code) or len(code) > MAX_CODE_LENGTH:  # type: ignore[union-attr]  # compiled
        raise UnreadableError(str(CODE_VALIDATOR.message))
    return code


def find_fiscal_year(text: str, years: Iterable[int]) -> int | None:
    """Return the fiscal year in a text if it is one of `years`; None otherwise."""
    try:
        year = parse_fiscal_year(text)
    except UnreadableError:
        return None
    return year if year in set(years) else None
