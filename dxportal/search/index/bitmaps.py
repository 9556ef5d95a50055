"""Sets of document ids as roaring bitmaps, and the evaluation of conditions to lower and upper bounds of such sets.

pyroaring, the Python binding of CRoaring, compresses sets, and intersects and counts them in microseconds.
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
    """A partly known set: lower ⊆ set ⊆ upper. `lower` has the certain members, `upper` the possible ones."""

    lower: FrozenBitMap = EMPTY
    upper: FrozenBitMap = EMPTY

    @classmethod
    def exactly(cls, ids: FrozenBitMap) -> Bounds:
        return cls(ids, ids)

    @property
    def is_exact(self) -> bool:
        """Whether both bounds are the same object; operations on exact sets are then done once."""
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


def make_evaluator(answer: Callable[[str, str], Bounds], everything: FrozenBitMap) -> Callable[[Q], Bounds]:
    """Return a function that evaluates conditions, given a function for single lookups and the set of all ids.

    Each lookup, and each part that several conditions share, is evaluated once.
    """
    # A recursive closure would refer to itself and keep all bitmaps alive until the next garbage collection.
    return partial(_evaluate, answer, everything, {})


def _evaluate(
    answer: Callable[[str, str], Bounds], everything: FrozenBitMap, answers: Answers, part: Q | Lookup
) -> Bounds:
    key = part if isinstance(part, tuple) else id(part)
    if key not in answers:
        if isinstance(part, tuple):
            bounds = answer(*part)
        else:
            operator = {Q.AND: and_, Q.OR: or_}[part.connector]
            parts = [_evaluate(answer, everything, answers, child) for child in part.children]  # type: ignore[arg-type]  # conditions and lookups alone
            bounds = reduce(operator, parts) if parts else Bounds.exactly(everything)
            bounds = Bounds.exactly(everything) - bounds if part.negated else bounds
        answers[key] = part, bounds  # keeps the part alive, so that its id() is not reused
    return answers[key][1]


def lookups_in(condition: Q) -> Iterable[Lookup]:
    """Yield all single lookups of a condition."""
    for part in condition.children:
        if isinstance(part, Q):
            yield from lookups_in(part)
        else:
            yield part  # type: ignore[misc]  # no other expressions


def pack(ids: Iterable[int]) -> bytes:
    """Serialise ids, given in ascending order; equal sets give equal bytes.

    The bitmap is built anew because a modified one keeps containers that depend on its history.
    """
    bitmap = BitMap(array("I", ids))
    bitmap.run_optimize()
    return bitmap.serialize()


def unpack(data: bytes) -> FrozenBitMap:
    """Deserialise the result of `pack`. Raises ValueError for other bytes."""
    return FrozenBitMap.deserialize(data)
