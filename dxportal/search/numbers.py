"""Sets of entries as bits: entry `n` is bit `n % BLOCK` of block `n // BLOCK`. Python's whole numbers do the rest.

A million entries are 77 blocks of 2 KB, of which a small set has few; to intersect two large ones takes about 30 µs.
They are stored in chunks of 32 blocks.
"""

from __future__ import annotations

import re
import zlib
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

BLOCK = 1 << 14  # entries
CHUNK = 1 << 19
LISTED, PACKED, RAW = b"l", b"p", b"r"
ANY = re.compile(rb"[^\0]")
PLACES = [[place for place in range(8) if byte >> place & 1] for byte in range(256)]  # of the bits of each byte
FEW = 512  # places of which no bits are stored
FEWER = 8  # that are set and read one by one
SCATTERED = 100  # places in a chunk that are put into their blocks one by one


@dataclass(frozen=True)
class Numbers:
    """The bits of each block that has any."""

    blocks: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, numbers: Iterable[int]) -> Numbers:
        return cls(blocks_of(numbers))

    def __and__(self, other: Numbers) -> Numbers:
        few, many = sorted((self.blocks, other.blocks), key=len)
        return Numbers({block: both for block, bits in few.items() if (both := bits & many.get(block, 0))})

    def __or__(self, other: Numbers) -> Numbers:
        if not self.blocks or not other.blocks:
            return self if self.blocks else other
        joined = dict(self.blocks)
        for block, bits in other.blocks.items():
            joined[block] = joined.get(block, 0) | bits
        return Numbers(joined)

    def __sub__(self, other: Numbers) -> Numbers:
        if not other.blocks:
            return self
        return Numbers(
            {block: rest for block, bits in self.blocks.items() if (rest := bits ^ (bits & other.blocks.get(block, 0)))}
        )

    def __bool__(self) -> bool:
        return bool(self.blocks)

    def __contains__(self, number: int) -> bool:
        block, place = divmod(number, BLOCK)
        return bool(self.blocks.get(block, 0) >> place & 1)

    def __iter__(self) -> Iterator[int]:
        """From the lowest on."""
        for block in sorted(self.blocks):
            first = block * BLOCK
            for place in places_in(self.blocks[block]):
                yield first + place

    def count(self, most: int | None = None) -> int:
        """How many there are; counting stops when it is clear that there are more than `most`."""
        count = 0
        for bits in self.blocks.values():
            count += bits.bit_count()
            if most is not None and count > most:
                break
        return count

    @property
    def size(self) -> int:
        """How many bytes of memory they take, about."""
        return sum(bits.bit_length() >> 3 for bits in self.blocks.values())

    def common(self, other: Numbers) -> int:
        """How many are in both."""
        few, many = (self.blocks, other.blocks) if len(self.blocks) < len(other.blocks) else (other.blocks, self.blocks)
        return sum([(bits & many[block]).bit_count() for block, bits in few.items() if block in many])

    def meets(self, other: Numbers) -> bool:
        """Whether any is in both."""
        return any(bits & other.blocks.get(block, 0) for block, bits in self.blocks.items())


NONE = Numbers()


@dataclass(frozen=True)
class Between:
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


def stored(places: Sequence[int]) -> bytes:
    """Places of one chunk, in their order, as they are stored: few as a list, many as bits, packed where it helps."""
    if len(places) <= FEW:
        return LISTED + array("I", places).tobytes()
    raw = bits_of(places).to_bytes(CHUNK // 8, "little")
    packed = zlib.compress(raw, 1)
    return PACKED + packed if len(packed) * 2 < len(raw) else RAW + raw


def read(data: bytes, chunk: int = 0) -> dict[int, int]:
    """The bits of each block of a chunk that has any, from `stored`."""
    first = chunk * (CHUNK // BLOCK)
    if data[:1] == LISTED and len(data) < len(LISTED) + SCATTERED * 4:
        return blocks_of(array("I", data[1:]), first)
    raw, size = raw_bits(data), BLOCK // 8
    found = (int.from_bytes(raw[start : start + size], "little") for start in range(0, len(raw), size))
    return {block: bits for block, bits in enumerate(found, first) if bits}


def raw_bits(data: bytes) -> bytes:
    """The bits of a whole chunk, from `stored`."""
    how, content = data[:1], data[1:]
    if how == LISTED:
        bits = bytearray(CHUNK // 8)
        for place in array("I", content):
            bits[place >> 3] |= 1 << (place & 7)
        return bytes(bits)
    return zlib.decompress(content) if how == PACKED else content


# Of a chunk, where in its raw bits a number stands: the byte, and the bit in it.
Places = Mapping[int, list[tuple[int, int]]]


def places_of(numbers: Iterable[int]) -> Places:
    places: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number in numbers:
        place = number % CHUNK
        places[number // CHUNK].append((place >> 3, 1 << (place & 7)))
    return places


def count_in(raw: Mapping[int, bytes], places: Places) -> int:
    """How many of some numbers are in a set, of which the raw bits of each chunk are given."""
    return sum(
        len([byte for byte, bit in some if raw[chunk][byte] & bit]) for chunk, some in places.items() if chunk in raw
    )


def is_long(data: bytes) -> bool:
    """Whether these are stored as bits."""
    return data[:1] != LISTED


def blocks_of(numbers: Iterable[int], first: int = 0) -> dict[int, int]:
    """The bits of each block that has any; `first`: the number of the first block."""
    places: dict[int, list[int]] = defaultdict(list)
    for number in numbers:
        places[first + number // BLOCK].append(number % BLOCK)
    return {block: bits_of(some) for block, some in places.items()}


def bits_of(places: Sequence[int]) -> int:
    if len(places) <= FEWER:
        return reduce(or_, [1 << place for place in places], 0)
    bits = bytearray((max(places) >> 3) + 1)
    for place in places:
        bits[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(bits, "little")


def places_in(bits: int) -> Iterator[int]:
    """From the lowest on."""
    if bits.bit_count() <= FEWER:
        highest_first = []
        while bits:
            highest_first.append(bits.bit_length() - 1)
            bits ^= 1 << highest_first[-1]
        yield from reversed(highest_first)
        return
    raw = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    for found in ANY.finditer(raw):
        start = found.start()
        for place in PLACES[raw[start]]:
            yield (start << 3) + place
