"""Lists are found again in the rows that they are put in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxportal.search.buckets import (
    FACETS,
    LENGTHS,
    LONG,
    SHARED,
    as_row,
    buckets_of,
    grouped,
    joined,
    key_of,
    keys_in,
    lengths,
    lengths_in,
    list_in,
    lists_in,
)

pytestmark = pytest.mark.on_no_database
KEYS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf"]), min_size=1, max_size=4)
SIZES = st.sampled_from([1, 20, LONG - 1, LONG, 3 * LONG])
LISTS = st.dictionaries(KEYS, st.builds(bytes, SIZES), min_size=1, max_size=8)


@given(LISTS)
def test_a_list_is_found_in_a_row(lists: dict[str, bytes]) -> None:
    row = joined(lists)
    assert sorted(keys_in(row)) == sorted(lists)
    assert lists_in(row) == lists
    assert list_in(row, "no such key") == b""


@given(LISTS)
def test_a_list_is_in_one_row_and_a_long_one_has_its_own(lists: dict[str, bytes]) -> None:
    rows = grouped(lists, {})
    rows.pop(LENGTHS, None)
    for key, one in lists.items():
        there = [bucket for bucket in buckets_of(key) if bucket in rows and list_in(rows[bucket], key)]
        assert [list_in(rows[bucket], key) for bucket in there] == [one]
        assert key[0] == "f" or (there[0] >= SHARED) == (len(one) >= LONG)
    assert sum(len(keys_in(row)) for row in rows.values()) == len(lists)


@given(LISTS)
def test_lengths_are_read_as_they_were_stored(lists: dict[str, bytes]) -> None:
    long = lengths(lists)
    assert long == {key: len(one) for key, one in lists.items() if len(one) >= LONG and key[0] != "f"}
    assert lengths_in(as_row(long)) == long
    there = grouped(lists, {"t農業": 9000})[LENGTHS]
    assert lengths_in(there) == {"t農業": 9000, **long}
    assert (LENGTHS in grouped(lists, {})) == bool(long)


def test_facets_are_in_one_row() -> None:
    keys = [key_of("area", "1"), key_of("kind", "project")]
    assert grouped(dict.fromkeys(keys, bytes(2 * LONG)), {}).keys() == {FACETS}
    assert lengths(dict.fromkeys(keys, bytes(2 * LONG))) == {}
