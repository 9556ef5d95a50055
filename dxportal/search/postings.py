"""The lists of the index: for each key the entries that have it; here they are read for the keys of a query.

Keys are many and most are rare, so they share rows by a hash, their **bucket**. A row holds a line for each of its keys
that says where its list begins and ends, then a null character, then the lists.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import and_
from zlib import crc32

from dxportal.search.grams import keys_for
from dxportal.search.models import Posting
from dxportal.search.numbers import NONE, Between, Numbers, read
from dxportal.search.remembered import Remembered, RememberedSome
from dxportal.search.statements import asked, numbers

BUCKETS = 65_536
FACETS, VERSION = -1, -2  # buckets: of all facets; of what says which state of the index this is
FACET = "f"
KIND = "kind"  # a facet that each entry has as a column
END = b"\0"
KEPT_BYTES = 16 << 20  # of lists in memory, in each process
LONG = 1 << 12  # bytes from which on a list takes long to read
ROWS = f"SELECT bucket, lists FROM {Posting._meta.db_table} WHERE bucket IN ({{}})"  # noqa: S608  # ours
STATE = f"SELECT lists FROM {Posting._meta.db_table} WHERE bucket = %s AND chunk = 0"  # noqa: S608  # ours


def key_of(facet: str, code: str) -> str:
    return f"{FACET}{facet} {code}"


def bucket_of(key: str) -> int:
    return FACETS if key[0] == FACET else crc32(key.encode()) % BUCKETS


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


class Needed:
    """Understands a condition as the keys that it takes to know for which entries it holds."""

    def __init__(self) -> None:
        self.keys: set[str] = set()

    def has(self, lookup: str, text: str) -> Between:
        self.keys.update(keys_for(lookup, text)[0])
        return Between()

    def without(self, condition: Between, other: Between) -> Between:
        return condition


class Lists:
    """Understands a condition as the entries for which it holds. All lists are of one state of the index.

    What is not kept is unpacked when it is first asked for.
    """

    def __init__(self, version: bytes, packed: Mapping[str, list[bytes]], kept: Mapping[str, Numbers]) -> None:
        self.version, self.packed = version, packed
        self.unpacked = {**kept}

    @classmethod
    def read(cls, keys: Iterable[str]) -> Lists:
        """The lists of the keys that are not kept; one query, so that no publication comes between; else two."""
        wanted = set(keys)
        version, kept = KEPT.among(wanted)
        found = cls.stored(wanted - kept.keys())
        if not kept or found.version == version:
            return cls(found.version, found.packed, kept)
        return cls.stored(wanted)  # what is kept is of another state

    @classmethod
    def stored(cls, keys: Iterable[str], *buckets: int) -> Lists:
        """The lists of the keys, and of all keys in the buckets, as they are stored; one query."""
        wanted: dict[int, list[str]] = defaultdict(list)
        for key in keys:
            wanted[bucket_of(key)].append(key)
        packed: dict[str, list[bytes]] = defaultdict(list)
        version = b""
        for bucket, content in asked(ROWS.format(numbers((VERSION, *buckets, *wanted)))):
            row = bytes(content)
            if bucket == VERSION:
                version = row
                continue
            for key in wanted.get(bucket) or keys_in(row):
                if found := list_in(row, key):
                    packed[key].append(found)
        return cls(version, packed, {})

    def __getitem__(self, key: str) -> Numbers:
        if key not in self.unpacked:
            packed = self.packed.get(key, ())
            numbers = self.unpacked[key] = NONE.union(*map(read, packed))
            if key[0] != FACET and (size := sum(map(len, packed))) > LONG:
                KEPT.keep(self.version, key, numbers, size)
        return self.unpacked[key]

    def has(self, lookup: str, text: str) -> Between:
        keys, is_exact = keys_for(lookup, text)
        found = reduce(and_, sorted((self[key] for key in keys), key=len))
        return Between.exactly(found) if is_exact else Between(NONE, found)

    def without(self, condition: Between, other: Between) -> Between:
        return condition - other


# Long lists.
KEPT = RememberedSome[Numbers](KEPT_BYTES)


def version() -> bytes:
    """What names the state that the index is in; one query."""
    return b"".join(bytes(name) for (name,) in asked(STATE, [VERSION]))


# The lists of facets are long and the same for every query.
FACET_LISTS = Remembered(lambda: Lists.stored((), FACETS))


def with_facets(keys: Iterable[str]) -> tuple[Lists, Lists]:
    """The lists of the keys and those of all facets, of one state; one query, two or three after a publication."""
    found = Lists.read(keys)
    facets = FACET_LISTS.at(found.version)
    while found.version != facets.version:  # a publication has come between the two
        found = Lists.read(keys)
        facets = FACET_LISTS.at(found.version)
    return found, facets
