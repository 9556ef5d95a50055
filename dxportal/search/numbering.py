"""Entries numbered in their order, from one publication to the next with as few new numbers as can be.

One of five numbers stays free, so that an entry put in between moves few of those behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

FIVE, FOUR = 5, 4


def renumbered(rows: Sequence[tuple[UUID, int | None]]) -> dict[UUID, int]:
    """For entries in their order with the number that each has had: those that need another one.

    All are numbered anew, with free numbers in between, where that is no more than twice the work.
    """
    moved: dict[UUID, int] = {}
    last = -1
    for row, number in rows:
        last = number if number is not None and number > last else last + 1
        if last != number:
            moved[row] = last
    if len(moved) * 2 <= len(rows):
        return moved
    return {row: new for new, (row, number) in zip(spread(len(rows)), rows, strict=True) if new != number}


def spread(count: int) -> list[int]:
    """0 1 2 3 5 6 7 8 10 …"""
    return [place * FIVE // FOUR for place in range(count)]
