from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxportal.money_and_years import fiscal_year, minus, money, money_words, signed

AMOUNTS = st.integers(min_value=0, max_value=10**15)


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
    assert money(0) == "0円"
    assert money(1572734) == "1,572,734千円"


@given(AMOUNTS)
def test_money_keeps_every_digit(amount: int) -> None:
    assert int(money(amount).removesuffix("円").removesuffix("千").replace(",", "")) == amount


@given(AMOUNTS | st.integers(min_value=0, max_value=10**6) | st.integers(0, 10**6).map(lambda n: n * 10**5))
def test_money_in_words_is_exact(amount: int) -> None:
    """The words say the amount itself: read in yen, unit by unit, they are the figure again."""
    words = money_words(amount)
    found = re.fullmatch(r"(?:([\d,]+)兆)?(?:([\d,]+)億)?(?:([\d,]+)万)?(?:(\d)千)?円", words) if amount else None
    counts = [int((count or "0").replace(",", "")) for count in found.groups()] if found else []
    yen = sum(count * unit for count, unit in zip(counts, (10**12, 10**8, 10**4, 10**3), strict=False))
    assert (yen == amount * 1000) if amount else (words == "0円")
    assert all(count < 10_000 for count in counts[1:]), "ten thousand of a unit are one of the next"
    assert not re.search(r"(?<![\d,])0[兆億万千]", words), "nothing is said of a unit of which there is none"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "0円"),
        (1, "1千円"),
        (10, "1万円"),
        (45_586, "4,558万6千円"),
        (99_999, "9,999万9千円"),
        (100_000, "1億円"),
        (100_001, "1億1千円"),
        (1_572_734, "15億7,273万4千円"),
        (10**9, "1兆円"),
        (10**9 + 10, "1兆1万円"),
        (10**15, "1,000,000兆円"),
    ],
)
def test_money_in_words(amount: int, words: str) -> None:
    assert money_words(amount) == words


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_a_difference_says_how_much_and_which_way(difference: int) -> None:
    written = signed(difference)
    assert int(written.removesuffix("円").removesuffix("千").replace(",", "").replace("−", "-")) == difference
    assert written[0] == ("+" if difference > 0 else "−" if difference < 0 else "0")
    assert minus(difference) == signed(-difference)
    assert "-" not in written, "a hyphen is not read as a minus"
