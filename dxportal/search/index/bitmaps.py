"""Sets of document ids as roaring bitmaps, and conditions evaluated to sets that are known in part.

The library (pyroaring, the Python side of CRoaring) keeps sets small, and intersects and counts them in microseconds.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from functools import partial, reduce
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


Lookup = tuple[str, str]  # such as ("text__contains", "word")
Answers = dict[Lookup | int, tuple[Q | Lookup, Bounds]]


def evaluator(answer: Callable[[str, str], Bounds], everything: FrozenBitMap) -> Callable[[Q], Bounds]:
    """A function that evaluates conditions, given one that answers lookups, and the set of all ids.

    Each lookup, and each part that several conditions share, is evaluated once.
    """
    # No closure, which would hold itself and with it all bitmaps until the garbage collector comes.
    return partial(_evaluate, answer, everything, {})


def _evaluate(
    answer: Callable[[str, str], Bounds], everything: FrozenBitMap, answers: Answers, part: Q | Lookup
) -> Bounds:
    key = part if isinstance(part, tuple) else id(part)
    if key not in answers:
        if isinstance(part, tuple):
            found = answer(*part)
        else:
            operator = {Q.AND: and_, Q.OR: or_}[part.connector]
            parts = [_evaluate(answer, everything, answers, one) for one in part.children]  # type: ignore[arg-type]  # conditions and lookups alone
            found = reduce(operator, parts) if parts else Bounds.exactly(everything)
            found = Bounds.exactly(everything) - found if part.negated else found
        answers[key] = part, found  # with the part, so that no other has its identity
    return answers[key][1]


def lookups_in(condition: Q) -> Iterable[Lookup]:
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
