"""How lists are stored: the rows of the index, and which list stands in which.

Keys are many and most are rare, so they share rows by a hash, their **bucket**. A list of LONG bytes or more has a row
of its own, so that nobody reads it for the sake of another. A row holds a line for each of its keys that says where its
list begins and ends, then a null character, then the lists.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from zlib import crc32

SHARED = 65_536  # buckets of keys whose lists are short; those of the others come after them
LAST = (1 << 31) - 1  # the largest number of the column
LONG = 1 << 10  # bytes of a list for which it has a row of its own
FACETS, VERSION, LENGTHS = -1, -2, -3  # buckets: of all facets; of the name of the state of the index; of `lengths`
FACET = "f"
KIND = "kind"  # a facet that each entry has as a column
END = b"\0"


def key_of(facet: str, code: str) -> str:
    return f"{FACET}{facet} {code}"


def buckets_of(key: str) -> tuple[int, ...]:
    """Where the list of a key may stand: among others; alone, but for a rare key of the same hash."""
    if key[0] == FACET:
        return (FACETS,)
    number = crc32(key.encode())
    return number % SHARED, SHARED + number % (LAST - SHARED)


def grouped(lists: Mapping[str, bytes], others: Mapping[str, int]) -> dict[int, bytes]:
    """The rows of all these keys and lists, by bucket; with their `lengths` and those of `others` of the chunk."""
    buckets: dict[int, dict[str, bytes]] = defaultdict(dict)
    for key, one in lists.items():
        places = buckets_of(key)
        buckets[places[-1] if len(one) >= LONG else places[0]][key] = one
    rows = {bucket: joined(some) for bucket, some in buckets.items()}
    long = {**others, **lengths(lists)}
    return rows | {LENGTHS: as_row(long)} if long else rows


def lengths(lists: Mapping[str, bytes]) -> dict[str, int]:
    """Of those that have rows of their own, in bytes."""
    return {key: len(one) for key, one in lists.items() if len(one) >= LONG and key[0] != FACET}


def as_row(some: Mapping[str, int]) -> bytes:
    """Lengths as they are stored, in one row."""
    return "".join(f"{key}\t{some[key]}\n" for key in sorted(some)).encode()


def lengths_in(row: bytes) -> dict[str, int]:
    lines = (line.partition("\t") for line in row.decode().split("\n") if line)
    return {key: int(length) for key, _, length in lines}


def joined(lists: Mapping[str, bytes]) -> bytes:
    """A row of these keys and lists."""
    lines, start = [], 0
    for key in sorted(lists):
        stop = start + len(lists[key])
        lines.append(f"\n{key}\t{start} {stop}")
        start = stop
    return "".join([*lines, "\n"]).encode() + END + b"".join(lists[key] for key in sorted(lists))


def list_in(row: bytes, key: str) -> bytes:
    """The list of a key in a row; empty where the key is not in it."""
    end = row.index(END)
    line = f"\n{key}\t".encode()
    place = row.find(line, 0, end)
    if place < 0:
        return b""
    start, stop = row[place + len(line) : row.index(b"\n", place + 1)].split()
    return row[end + 1 + int(start) : end + 1 + int(stop)]


def keys_in(row: bytes) -> list[str]:
    return [line.partition("\t")[0] for line in row[: row.index(END)].decode().split("\n") if line]


def lists_in(row: bytes) -> dict[str, bytes]:
    """All keys of a row with their lists."""
    return {key: list_in(row, key) for key in keys_in(row)}
