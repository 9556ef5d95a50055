"""Sets of document ids as roaring bitmaps, and conditions evaluated to sets that are known in part.

The library (pyroaring, the Python side of CRoaring) keeps sets small, and intersects and counts them in microseconds.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from functools import reduce
from operator import and_, or_
from typing import NamedTuple

from django.db.models import Q
from pyroaring import BitMap, FrozenBitMap

EMPTY = FrozenBitMap()


class Bounds(NamedTuple):
    """A set of which is known what is in it for certain (`lower`) and what is not outside it for certain (`upper`)."""

    lower: FrozenBitMap = EMPTY
    upper: FrozenBitMap = EMPTY

    @classmethod
    def exactly(cls, ids: FrozenBitMap) -> Bounds:
        return cls(ids, ids)

    @property
    def is_exact(self) -> bool:
        """Whether both bounds are one object, so that each operation is done once."""
        return self.lower is self.upper

    @property
    def undecided(self) -> FrozenBitMap:
        return EMPTY if self.is_exact else self.upper - self.lower

    def __and__(self, other: Bounds) -> Bounds:
        lower = self.lower & other.lower
        return Bounds(lower, lower if self.is_exact and other.is_exact else self.upper & other.upper)

    def __or__(self, other: Bounds) -> Bounds:
        lower = self.lower | other.lower
        return Bounds(lower, lower if self.is_exact and other.is_exact else self.upper | other.upper)

    def __sub__(self, other: Bounds) -> Bounds:
        lower = self.lower - other.upper
        return Bounds(lower, lower if self.is_exact and other.is_exact else self.upper - other.lower)


def evaluator(lookup: Callable[[str, str], Bounds], everything: FrozenBitMap) -> Callable[[Q], Bounds]:
    """Evaluate conditions with a function that answers single lookups, such as `("text__contains", "word")`.

    Each lookup and each part that several conditions share is evaluated once.
    """
    answers: dict[object, tuple[object, Bounds]] = {}  # with the part itself, whose identity is the key

    def evaluate(part: Q | tuple[str, str]) -> Bounds:
        key = part if isinstance(part, tuple) else id(part)
        if key not in answers:
            answers[key] = part, lookup(*part) if isinstance(part, tuple) else combined(part)
        return answers[key][1]

    def combined(condition: Q) -> Bounds:
        operator = {Q.AND: and_, Q.OR: or_}[condition.connector]
        parts = map(evaluate, condition.children)  # type: ignore[arg-type]  # conditions and lookups alone
        found = reduce(operator, parts) if condition.children else Bounds.exactly(everything)
        return Bounds.exactly(everything) - found if condition.negated else found

    return evaluate


def lookups_in(condition: Q) -> Iterable[tuple[str, str]]:
    """All single lookups of a condition."""
    for part in condition.children:
        if isinstance(part, Q):
            yield from lookups_in(part)
        else:
            yield part  # type: ignore[misc]  # no other expressions


def pack(ids: Iterable[int]) -> bytes:
    """Serialise ids, which rise; equal sets give equal bytes.

    A bitmap that has been changed keeps the form in which it came about, so it is made anew from its ids.
    """
    bitmap = BitMap(array("I", ids))
    bitmap.run_optimize()
    return bitmap.serialize()


def unpack(data: bytes) -> FrozenBitMap:
    """Reverse `pack`. Raises ValueError for anything else."""
    return FrozenBitMap.deserialize(data)
