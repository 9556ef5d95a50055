"""Sets of entries by their numbers. A library keeps them small, and joins and counts them in microseconds."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import NamedTuple

from pyroaring import BitMap, FrozenBitMap

Numbers = FrozenBitMap

CHUNK = 1 << 19  # numbers of which a set is stored together
NONE = Numbers()


def stored(numbers: Iterable[int]) -> bytes:
    """A set as it is stored, which is the same for the same numbers: it is made of them one by one, and not of a set,
    which would keep the form that it came about in.
    """
    kept = BitMap(array("I", numbers))
    kept.run_optimize()
    return kept.serialize()


def read(data: bytes) -> Numbers:
    """A set, from `stored`. Raises ValueError for anything else."""
    return Numbers.deserialize(data)


class Between(NamedTuple):
    """A set of which the index knows what is surely in it, and what may be; only the text itself knows the rest."""

    surely: Numbers = NONE
    maybe: Numbers = NONE

    @classmethod
    def exactly(cls, numbers: Numbers) -> Between:
        return cls(numbers, numbers)

    @property
    def is_exact(self) -> bool:
        """Whether the two are one and the same, so that everything is done once."""
        return self.surely is self.maybe

    def __and__(self, other: Between) -> Between:
        surely = self.surely & other.surely
        return Between(surely, surely if self.is_exact and other.is_exact else self.maybe & other.maybe)

    def __or__(self, other: Between) -> Between:
        surely = self.surely | other.surely
        return Between(surely, surely if self.is_exact and other.is_exact else self.maybe | other.maybe)

    def __sub__(self, other: Between) -> Between:
        surely = self.surely - other.maybe
        return Between(surely, surely if self.is_exact and other.is_exact else self.maybe - other.surely)

    @property
    def doubtful(self) -> Numbers:
        return NONE if self.is_exact else self.maybe - self.surely
