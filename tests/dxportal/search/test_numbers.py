"""Sets of numbers are stored the same whichever way they came about, and hold on through conditions."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxportal.search.numbers import CHUNK, NONE, Between, Numbers, read, stored

SOME = st.sets(st.integers(0, 3 * CHUNK) | st.integers(CHUNK - 3, CHUNK + 3), max_size=30)
CONTAINER = 1 << 16  # numbers that the library keeps together, in whichever form is smallest
LISTED = 1 << 12  # of which as many stand in a list, more as bits


@given(SOME, SOME)
def test_a_set_that_has_changed_is_stored_as_one_that_was_made_anew(there: set[int], changed: set[int]) -> None:
    data = stored(sorted(there))
    assert set(read(data)) == there
    assert stored(read(data) ^ Numbers(changed)) == stored(sorted(there ^ changed))


@pytest.mark.parametrize("count", [1, 30, LISTED - 1, LISTED, LISTED + 1, CONTAINER - 1, CONTAINER])
@pytest.mark.parametrize("change", [1, 2, LISTED])
def test_so_is_one_in_another_form(count: int, change: int) -> None:
    chance = random.Random(count)  # noqa: S311  # to be the same every time
    for there in (set(range(count)), set(chance.sample(range(CONTAINER), count))):
        changed = set(chance.sample(range(CONTAINER), change))
        assert stored(read(stored(sorted(there))) ^ Numbers(changed)) == stored(sorted(there ^ changed))
        assert list(read(stored(there | changed))) == sorted(there | changed)


def test_few_bytes_are_stored() -> None:
    chance = random.Random(1)  # noqa: S311  # to be the same every time
    assert len(stored([CHUNK])) < 20
    assert len(stored(range(CHUNK))) < 200
    assert len(stored(chance.sample(range(CHUNK), 1000))) < 2200
    assert len(stored(chance.sample(range(CHUNK), CHUNK // 2))) < CHUNK // 8 + 100


def test_what_is_not_a_set_is_refused() -> None:
    with pytest.raises(ValueError, match="deserialize"):
        read(b"l\1")


@given(SOME, SOME, SOME, SOME)
def test_what_is_surely_so_and_what_may_be_hold_on_through_conditions(
    one: set[int], doubt: set[int], other: set[int], other_doubt: set[int]
) -> None:
    first = Between(Numbers(one - doubt), Numbers(one | doubt))
    second = Between(Numbers(other - other_doubt), Numbers(other | other_doubt))
    for known, truth in ((first & second, one & other), (first | second, one | other), (first - second, one - other)):
        assert set(known.surely) <= truth <= set(known.maybe)
    assert Between.exactly(Numbers(one)).doubtful == NONE
