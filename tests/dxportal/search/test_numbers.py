"""Sets of numbers are sets, and are read as they were stored."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxportal.search.numbers import CHUNK, FEW, NONE, Between, Numbers, bits_of, read, stored

SOME = st.sets(st.integers(0, 3 * CHUNK) | st.integers(CHUNK - 3, CHUNK + 3), max_size=30)


@given(SOME, SOME)
def test_they_are_joined_as_sets_are(one: set[int], other: set[int]) -> None:
    first, second = Numbers.of(one), Numbers.of(other)
    assert list(first) == sorted(one)
    assert list(first & second) == sorted(one & other)
    assert list(first | second) == sorted(one | other)
    assert list(first - second) == sorted(one - other)
    assert first.count() == len(one)
    assert bool(first - second) == bool(one - other)
    assert all((number in first) == (number in one) for number in (*one, *other, 0, CHUNK))


def test_counting_stops_when_there_are_more() -> None:
    many = Numbers.of(range(0, 4 * CHUNK, 2))
    assert many.count() == 2 * CHUNK
    assert 10 < many.count(10) < 2 * CHUNK
    assert many.count(2 * CHUNK) == 2 * CHUNK


@pytest.mark.parametrize("count", [1, FEW, FEW + 1, 1000, CHUNK // 2, CHUNK])
def test_a_chunk_is_read_as_it_was_stored(count: int) -> None:
    chance = random.Random(count)  # noqa: S311  # to be the same every time
    places = sorted(chance.sample(range(CHUNK), count))
    data = stored(places)
    assert read(data) == bits_of(places) == Numbers.of(places).chunks[0]
    assert len(data) <= min(4 * count, CHUNK // 8) + 1 or count > FEW


@given(SOME, SOME, SOME, SOME)
def test_what_is_surely_so_and_what_may_be_hold_on_through_conditions(
    one: set[int], doubt: set[int], other: set[int], other_doubt: set[int]
) -> None:
    first = Between(Numbers.of(one - doubt), Numbers.of(one | doubt))
    second = Between(Numbers.of(other - other_doubt), Numbers.of(other | other_doubt))
    for known, truth in ((first & second, one & other), (first | second, one | other), (first - second, one - other)):
        assert set(known.surely) <= truth <= set(known.maybe)
    assert Between.exactly(Numbers.of(one)).doubtful == NONE
