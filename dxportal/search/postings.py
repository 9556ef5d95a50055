"""The lists of the index: for each key the entries that have it; here they are read for the keys of a query.

Of the pairs of characters of a longer word a few say enough, and those whose lists are short say most. Which lists are
long is known beforehand, and these are read only where there is no other pair.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import and_

from dxportal.search.buckets import FACET, LENGTHS, VERSION, buckets_of, keys_in, lengths_in, list_in
from dxportal.search.grams import keys_for
from dxportal.search.models import Posting
from dxportal.search.numbers import NONE, Between, Numbers, read
from dxportal.search.remembered import RememberedSome
from dxportal.search.statements import asked, contents, numbers

Long = Mapping[str, int]  # bytes of each of the lists that have rows of their own, in all chunks where they have

KEPT_BYTES = 16 << 20  # of lists in memory, in each process
WORTH_KEEPING = 1 << 12  # bytes of a list
TABLE = Posting._meta.db_table
ROWS = f"SELECT bucket, lists FROM {TABLE} WHERE bucket IN ({{}})"  # noqa: S608  # nothing but the name of a table of ours
NAME = f"SELECT lists FROM {TABLE} WHERE bucket = {VERSION} AND chunk = 0"  # noqa: S608  # nothing but the name of a table of ours


class Needed:
    """Understands a condition as the keys that it takes to know for which entries it holds."""

    def __init__(self, long: Long) -> None:
        self.long = long
        self.keys: set[str] = set()

    def has(self, lookup: str, text: str) -> Between:
        self.keys.update(keys_for(lookup, text, self.long)[0])
        return Between()

    def without(self, condition: Between, other: Between) -> Between:
        return condition


class Lists:
    """Understands a condition as the entries for which it holds. All lists are of one state of the index.

    What is not kept is unpacked when it is first asked for.
    """

    def __init__(
        self, version: bytes, packed: Mapping[str, list[bytes]], kept: Mapping[str, Numbers], long: Long
    ) -> None:
        self.version, self.packed, self.long = version, packed, long
        self.unpacked = {**kept}

    @classmethod
    def read(cls, keys: Iterable[str], long: Long) -> Lists:
        """The lists of the keys that are not kept; one query, so that no publication comes between; else two."""
        wanted = set(keys)
        version, kept = KEPT.among(wanted)
        found, packed = stored(wanted - kept.keys())
        if kept and found != version:  # what is kept is of another state
            kept = {}
            found, packed = stored(wanted)
        return cls(found, packed, kept, long)

    def __getitem__(self, key: str) -> Numbers:
        if key not in self.unpacked:
            packed = self.packed.get(key, ())
            numbers = self.unpacked[key] = NONE.union(*map(read, packed))
            if key[0] != FACET and (size := sum(map(len, packed))) > WORTH_KEEPING:
                KEPT.keep(self.version, key, numbers, size)
        return self.unpacked[key]

    def has(self, lookup: str, text: str) -> Between:
        keys, is_exact = keys_for(lookup, text, self.long)
        found = reduce(and_, sorted((self[key] for key in keys), key=len))
        return Between.exactly(found) if is_exact else Between(NONE, found)

    def without(self, condition: Between, other: Between) -> Between:
        return condition - other


def stored(keys: Iterable[str], *buckets: int) -> tuple[bytes, dict[str, list[bytes]]]:
    """The name of the state, and the lists of the keys, and of all keys in the buckets, as they are stored; one
    query.
    """
    wanted: dict[int, list[str]] = defaultdict(list)
    for key in keys:
        for bucket in buckets_of(key):
            wanted[bucket].append(key)
    version, packed = b"", defaultdict(list)
    for bucket, row in contents(ROWS.format(numbers((VERSION, *buckets, *wanted)))):
        if bucket == VERSION:
            version = row
            continue
        for key in wanted.get(bucket) or keys_in(row):
            if found := list_in(row, key):
                packed[key].append(found)
    return version, packed


# Long lists.
KEPT = RememberedSome[Numbers](KEPT_BYTES)


def version() -> bytes:
    """What names the state that the index is in; one query."""
    return b"".join(bytes(name) for (name,) in asked(NAME))


def lengths() -> Long:
    """Of the lists that have rows of their own, in all chunks together; one query. They only say which lists are better
    read, so that it does no harm if they are those of another state.
    """
    found: Counter[str] = Counter()
    for _, row in contents(ROWS.format(LENGTHS)):
        found.update(lengths_in(row))
    return found
