"""Numbers rise in the order of entries, and few are given anew."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from dxportal.search.numbering import renumbered, spread

Rows = list[tuple[UUID, int | None]]


def rows(*numbers: int | None) -> Rows:
    return [(UUID(int=place), number) for place, number in enumerate(numbers)]


def after(before: Rows) -> list[int | None]:
    given_anew = renumbered(before)
    return [given_anew.get(row, number) for row, number in before]


@given(st.lists(st.none() | st.integers(0, 40), max_size=40))
def test_numbers_rise(numbers: list[int | None]) -> None:
    found = after(rows(*numbers))
    assert None not in found
    assert found == sorted(set(found), key=lambda number: number or 0)
    assert all(number != before for number, before in zip(found, numbers, strict=True) if number != before)


def test_one_of_five_stays_free_at_first() -> None:
    assert after(rows(*[None] * 9)) == spread(9) == [0, 1, 2, 3, 5, 6, 7, 8, 10]


def test_one_that_comes_in_between_moves_those_up_to_the_next_free_number() -> None:
    assert renumbered(rows(0, None, 1, 2, 3, 5, 6, 7, 8)) == {
        UUID(int=1): 1,
        UUID(int=2): 2,
        UUID(int=3): 3,
        UUID(int=4): 4,
    }
    assert renumbered(rows(0, 1, 2, 3, None, 5, 6)) == {UUID(int=4): 4}
    assert renumbered(rows(0, 1, 3, 5, 6)) == {}


def test_where_most_would_move_all_are_numbered_anew() -> None:
    assert after(rows(None, 0, 1, 2, 3, 4)) == spread(6)
