"""Sets of numbers are sets, and are read as they were stored."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxportal.search.numbers import (
    CHUNK,
    FEW,
    FEWER,
    NONE,
    SCATTERED,
    Between,
    Numbers,
    count_in,
    places_of,
    raw_bits,
    read,
    stored,
)

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
    assert first.common(second) == len(one & other)
    assert first.meets(second) == bool(one & other)
    raw = {chunk: raw_bits(stored(sorted(some))) for chunk, some in in_chunks(other).items()}
    assert count_in(raw, places_of(first)) == len(one & other)


def in_chunks(numbers: set[int]) -> dict[int, list[int]]:
    return {chunk: [one % CHUNK for one in numbers if one // CHUNK == chunk] for chunk in {n // CHUNK for n in numbers}}


def test_counting_stops_when_there_are_more() -> None:
    many = Numbers.of(range(0, 4 * CHUNK, 2))
    assert many.count() == 2 * CHUNK
    assert 10 < many.count(10) < 2 * CHUNK
    assert many.count(2 * CHUNK) == 2 * CHUNK


@pytest.mark.parametrize("count", [1, FEWER, SCATTERED, FEW, FEW + 1, 1000, CHUNK // 2, CHUNK])
def test_a_chunk_is_read_as_it_was_stored(count: int) -> None:
    chance = random.Random(count)  # noqa: S311  # to be the same every time
    places = sorted(chance.sample(range(CHUNK), count))
    data = stored(places)
    assert read(data) == Numbers.of(places).blocks
    assert list(Numbers(read(data, 2))) == [2 * CHUNK + place for place in places]
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
