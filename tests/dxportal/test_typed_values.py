"""Parsing of amounts, years and codes: the same value through every input, or an error message, never a guess."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from hypothesis import example, given
from hypothesis import strategies as st

from budgets.models import BudgetLine
from budgets.years import CatalogueYears, YearContent
from dxportal.form_fields import form_field_options
from dxportal.planfiles.raw_files import parse_typed_numbers
from dxportal.sheets import parse_cells
from dxportal.tables.filter_choices import FilterChoices
from dxportal.tables.table_filters import BudgetFilters
from dxportal.typed_values import (
    UnreadableError,
    fold_name,
    parse_amount,
    parse_code,
    parse_fiscal_year,
    parse_signed_amount,
)
from projects.models import Project

pytestmark = pytest.mark.on_no_database

Door = Callable[[str], Any]
REFUSED = None


def reading(door: Door, text: str) -> Any:
    """Return the value that an input gets from a text; REFUSED if it answers with an error message."""
    try:
        return door(text)
    except (UnreadableError, parse_cells.ExpectedError, ValidationError) as error:
        is_told = "。" in str(error)
    assert is_told, text
    return REFUSED


def in_form(model: type[Any], name: str) -> Door:
    field = model._meta.get_field(name)
    return lambda text: field.formfield(**form_field_options(field)).clean(text)


def in_folder(key: str) -> Door:
    def read(text: str) -> Any:
        data = {"rows": [{key: text}]}
        parse_typed_numbers(data)
        value = data["rows"][0][key]
        return value if isinstance(value, int) else REFUSED

    return read


def in_filter(parameter: str) -> Door:
    def read(text: str) -> Any:
        data = QueryDict(mutable=True)
        data[parameter] = text
        years = CatalogueYears({YearContent.LINE: {2021, 2019, 1989}})
        filters = BudgetFilters(data, FilterChoices(years, {"department": [("kyoiku", "教育庁")]}))
        if filters.problems:
            return REFUSED
        value = filters.parameters[parameter]
        return int(value) if parameter == "year" else value

    return read


AMOUNT_DOORS: dict[str, Door] = {
    "reader": parse_signed_amount,
    "form": in_form(BudgetLine, "amount_thousand_yen"),
    "sheet": parse_cells.parse_amount_cell,
    "folder": in_folder("amount_thousand_yen"),
    "filter": in_filter("amount_min"),
}
AMOUNTS = {
    "45586": 45586,
    "0": 0,
    "45,586": 45586,
    "1,234,567": 1234567,
    "４５，５８６": 45586,
    "４５５８６": 45586,
    "45,586千円": 45586,
    "45,586 千円": 45586,
    "\u3000４５，５８６\u3000千円\u3000": 45586,
    str(10**15): 10**15,
    **dict.fromkeys(
        ["-3,000", "−3000", "－3000", "△3,000", "▲3000", "△ 3,000", "(3,000)", "（３，０００）", "△3,000千円"], -3000
    ),
    **dict.fromkeys(["(3,000千円)", "（3,000）千円", "▲\u30003,000 千円", f"△{3000:,}"], -3000),
    f"△{10**15}": -(10**15),
    **dict.fromkeys(
        [
            *("45586①", "45586¹", "②", "500 1", "500\u30001", "10000\n2000", "10000\n2000千円", "٣", "४५", "𝟒𝟓", "㊿"),
            *("1,23", "12,34", ",5", "5,", "1,,000", "1,0000", "0,123", "1234,567", "，", "1.5", "１．５", "1 000"),
            *(
                "0045586",
                "007",
                "--5",
                "△",
                "△△5",
                "△(5)",
                "(5",
                "5)",
                "()",
                "((5))",
                "(-5)",
                "(5千円)千円",
                "5△",
                "2.0001E4",
                "1e5",
                "1E+05",
                "1e1000000",
                "0x10",
                "1_000",
            ),
            *(
                "45,586円",
                "千円",
                "千円5",
                "5千円千円",
                "二十",
                "2万",
                "#",
                "+5",
                "nan",
                "TRUE",
                "45586\u200b",
                "\u202e5",
            ),
            *(str(10**15 + 1), "9" * 5000, "4５,58６①", "45586\ufe0f", "5*", "*5", "5 ※"),
        ],
        REFUSED,
    ),
}
YEAR_DOORS: dict[str, Door] = {
    "reader": parse_fiscal_year,
    "form": in_form(BudgetLine, "fiscal_year"),
    "sheet": parse_cells.parse_year_cell,
    "folder": in_folder("fiscal_year"),
    "filter": in_filter("year"),
}
YEARS = {
    **dict.fromkeys(
        [
            *("2021", "２０２１", "2021年度", "２０２１年度", " 2021 ", "\u30002021\u3000", "2021年"),
            *(
                "令和３年度",
                "令和3年度",
                "令和3",
                "R3",
                "Ｒ３",
                "r3",
                "ｒ３",
                "令和３年度（2021年度）",
                "令和3年度(2021)",
            ),
        ],
        2021,
    ),
    "令和元年度": 2019,
    "令和元年度（２０１９年度）": 2019,
    "平成元年度": 1989,
    **dict.fromkeys(
        [
            *("R³", "R٣", "R③", "③", "㋿3年度", "令和３年度（2020年度）", "R0", "令和0年度", "21", "20210", "2021.0"),
            *(
                "令和３年度（令和２年度）",
                "2021①",
                "2 021",
                "R 3 3",
                "令和三年度",
                "R3E1",
                "令和３年\n度",
                "2021年度末",
                "ⅯⅯⅩⅩⅠ",
            ),
        ],
        REFUSED,
    ),
}
CODE_DOORS: dict[str, Door] = {
    "reader": parse_code,
    "form": in_form(Project, "code"),
    "sheet": parse_cells.parse_code_cell,
}
CODES = {
    **dict.fromkeys(
        ["smart-farming-2", "ｓｍａｒｔ－ｆａｒｍｉｎｇ－２", "Smart-Farming-2", " smart-farming-2 "], "smart-farming-2"
    ),
    **dict.fromkeys(
        [
            "smart-farming②",
            "smart-farming²",
            "smart farming",
            "ⓢmart",
            "a_b",
            "é",
            "スマート",
            "-a",
            "a--b",
            "\u212a-1",
            "٣",
        ]
    ),
}


@pytest.mark.parametrize("door", AMOUNT_DOORS)
@pytest.mark.parametrize("text", AMOUNTS)
def test_an_amount_is_read_alike_at_every_door(door: str, text: str) -> None:
    assert reading(AMOUNT_DOORS[door], text) == AMOUNTS[text]


@pytest.mark.parametrize("door", YEAR_DOORS)
@pytest.mark.parametrize("text", YEARS)
def test_a_year_is_read_alike_at_every_door(door: str, text: str) -> None:
    assert reading(YEAR_DOORS[door], text) == YEARS[text]


@pytest.mark.parametrize("door", CODE_DOORS)
@pytest.mark.parametrize("text", CODES)
def test_a_code_is_read_alike_at_every_door(door: str, text: str) -> None:
    assert reading(CODE_DOORS[door], text) == CODES[text]


def test_a_department_is_filtered_by_the_same_code() -> None:
    assert in_filter("department")("ＫＹＯＩＫＵ") == ["kyoiku"]
    assert in_filter("department")("kyoiku①") is REFUSED


def test_a_year_that_contradicts_itself_is_told_which_year_it_is() -> None:
    with pytest.raises(UnreadableError) as refused:
        parse_fiscal_year("令和３年度（2020年度）")
    assert str(refused.value) == (
        "「令和３年度（2020年度）」は食い違っています。令和3年度は2021年度です。どちらかに直してください。"
    )


def test_an_exponent_is_refused_because_digits_may_be_lost() -> None:
    with pytest.raises(UnreadableError) as refused:
        parse_amount("2.0001E+04")
    assert "元の桁が失われている" in str(refused.value)


# The grammars again, written independently of the parsers: digits, and no look-alikes.

DIGITS = {**{str(n): str(n) for n in range(10)}, **{chr(0xFF10 + n): str(n) for n in range(10)}}


def amount_by_grammar(text: str) -> int | None:
    body = text.strip()
    if body in ("0円", "０円"):
        return 0
    if body.endswith("千円"):
        body = body[:-2].rstrip(" \u3000")
    groups = body.replace("，", ",").split(",")
    if any(not group or any(one not in DIGITS for one in group) for group in groups):
        return REFUSED
    digits = ["".join(DIGITS[one] for one in group) for group in groups]
    if len(digits) > 1 and not (len(digits[0]) <= 3 and all(len(group) == 3 for group in digits[1:])):
        return REFUSED
    if digits[0][0] == "0" and digits != ["0"]:
        return REFUSED
    number = 0
    for digit in "".join(digits):
        number = 10 * number + ord(digit) - ord("0")
    return number if number <= 10**15 else REFUSED


def signed_by_grammar(text: str) -> int | None:
    body = text.strip()
    if body[:1] and body[0] in "△▲-－−":
        rest = body[1:].lstrip(" \u3000")
        return negative(amount_by_grammar(rest)) if rest[:1] in DIGITS else REFUSED
    if body[:1] and body[0] in "(（":
        within = body[:-2].rstrip(" \u3000") if body.endswith("千円") else body
        inner = within[1:-1]
        has_unit = inner.endswith("千円")
        if within[-1] not in ")）" or inner != inner.strip() or (has_unit and within != body):
            return REFUSED
        return negative(amount_by_grammar(inner))
    return amount_by_grammar(text)


def negative(amount: int | None) -> int | None:
    return None if amount is None else -amount


LOOKALIKES = "0123456789０１２３９,，.．-－−千円 \u3000\n①²¹٣𝟒eE+△▲()（）_’'"
near_amounts = st.text(st.one_of(st.sampled_from(LOOKALIKES), st.characters()), min_size=1, max_size=12)


@given(near_amounts)
@example("1,234千円")
@example("△1,234千円")
@example("（1,234）")
def test_any_text_is_the_amount_of_the_grammar_at_every_door_or_refused(text: str) -> None:
    if not text.strip():
        return
    expected = signed_by_grammar(text)
    for name, door in AMOUNT_DOORS.items():
        if name == "filter" and any(one in "\x00\n\r" for one in text):
            continue
        assert reading(door, text) == expected, (name, text)


@given(st.text(st.one_of(st.sampled_from("0123456789０２令和平成元年度RrＲHhS()（） "), st.characters()), max_size=12))
def test_no_text_is_a_year_by_digits_that_only_look_like_them(text: str) -> None:
    year = reading(parse_fiscal_year, text)
    if year is not REFUSED:
        plain = "".join(DIGITS.get(one, one) for one in text)
        assert re.search(r"[12][0-9]{3}|[0-9]{1,2}|元", plain)
        assert all(one in DIGITS or one in "令和平成昭元年度RrＲｒHhＨｈSsＳｓ()（）" or one.isspace() for one in text)


def test_folding_a_name_makes_no_digit_of_any_other_character() -> None:
    for number in chain(range(0x20000), range(0xE0000, 0xE0200)):
        character = chr(number)
        digits = [one for one in fold_name(f"x{character}x") if one in "0123456789"]
        assert digits == [DIGITS[character]] if character in DIGITS else not digits, character


@given(st.integers(0, 10**15))
def test_every_amount_is_read_back_from_how_it_is_written(amount: int) -> None:
    wide = str.maketrans("0123456789,", "０１２３４５６７８９，")
    for written in (str(amount), f"{amount:,}", f"{amount:,}千円", f"{amount:,}".translate(wide)):
        assert parse_amount(written) == amount
        for reduced in (f"△{written}", f"-{written}", f"（{written}）"):
            assert parse_signed_amount(reduced) == -amount
