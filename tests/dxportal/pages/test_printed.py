from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxportal.pages.templatetags.printed import fiscal_year, money


@pytest.mark.parametrize(
    ("year", "words"),
    [
        (2018, "平成30年度（2018年度）"),
        (2019, "令和元年度（2019年度）"),
        (2021, "令和３年度（2021年度）"),
        (2028, "令和10年度（2028年度）"),
        (1989, "平成元年度（1989年度）"),
        (1900, "1900年度"),
    ],
)
def test_fiscal_years(year: int, words: str) -> None:
    assert fiscal_year(year) == words


def test_not_stated_is_not_zero() -> None:
    assert money(None) == "記載なし"
    assert money(0) == "0千円"
    assert money(1572734) == "1,572,734千円"


@given(st.integers(min_value=0, max_value=10**15))
def test_money_keeps_every_digit(amount: int) -> None:
    assert int(money(amount).removesuffix("千円").replace(",", "")) == amount
