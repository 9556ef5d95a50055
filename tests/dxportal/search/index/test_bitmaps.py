"""Equal sets are stored as equal bytes, in whichever of the library's forms they came about; `wrong_chunks` relies on
it."""

from __future__ import annotations

import random

import pytest
from pyroaring import FrozenBitMap

from dxportal.search.index.bitmaps import pack, unpack

CONTAINER = 1 << 16  # ids that the library keeps together, in the smallest of three forms
LISTED = 1 << 12  # of which as many stand in a list, more as bits

pytestmark = pytest.mark.on_no_database


@pytest.mark.parametrize("count", [1, 30, LISTED - 1, LISTED, LISTED + 1, CONTAINER - 1, CONTAINER])
@pytest.mark.parametrize("change", [1, 2, LISTED])
def test_a_set_that_was_changed_is_stored_as_one_that_was_made_anew(count: int, change: int) -> None:
    chance = random.Random(count)  # noqa: S311  # to be the same every time
    for ids in (set(range(count)), set(chance.sample(range(CONTAINER), count))):
        changed = set(chance.sample(range(CONTAINER), change))
        assert pack(unpack(pack(sorted(ids))) ^ FrozenBitMap(changed)) == pack(sorted(ids ^ changed))
        assert list(unpack(pack(sorted(ids | changed)))) == sorted(ids | changed)
