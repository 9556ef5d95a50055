"""The lists of the index: for each key the entries that have it; read for the keys of a query, written for chunks.

Keys are many and most are rare, so they share rows by a hash, their **bucket**. A row holds a line for each of its keys
that says where its list begins and ends, then a null character, then the lists.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any
from uuid import uuid4
from zlib import crc32

from django.db.models import Max

from dxportal.search.grams import COLUMNS, keys_for, keys_of
from dxportal.search.models import Entry, EntryFacet, Posting
from dxportal.search.numbers import CHUNK, NONE, Between, Numbers, read, stored

BATCH = 500
BUCKETS = 4096
FACETS, VERSION = -1, -2  # buckets: of all facets; of what says which state of the index this is
FACET = "f"
KIND = "kind"  # a facet that each entry has as a column
END = b"\0"


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


@dataclass(frozen=True)
class Lists:
    """Understands a condition as the entries for which it holds. All lists are of one state of the index."""

    lists: Mapping[str, Numbers]
    version: bytes

    @classmethod
    def read(cls, keys: Iterable[str], *buckets: int) -> Lists:
        """The lists of the keys, and of all keys in the buckets; one query, so that no publication comes between."""
        asked: dict[int, list[str]] = defaultdict(list)
        for key in keys:
            asked[bucket_of(key)].append(key)
        chunks: dict[str, dict[int, int]] = defaultdict(dict)
        version = b""
        rows = Posting.objects.filter(bucket__in=[VERSION, *buckets, *asked])
        for bucket, chunk, content in rows.values_list("bucket", "chunk", "lists"):
            row = bytes(content)
            if bucket == VERSION:
                version = row
                continue
            for key in asked.get(bucket) or keys_in(row):
                if found := list_in(row, key):
                    chunks[key][chunk] = read(found)
        return cls({key: Numbers(found) for key, found in chunks.items()}, version)

    def __getitem__(self, key: str) -> Numbers:
        return self.lists.get(key, NONE)

    def has(self, lookup: str, text: str) -> Between:
        keys, is_exact = keys_for(lookup, text)
        found = reduce(and_, sorted((self[key] for key in keys), key=lambda one: len(one.chunks)))
        return Between.exactly(found) if is_exact else Between(NONE, found)

    def without(self, condition: Between, other: Between) -> Between:
        return condition - other


# The lists of facets are long and the same for every query: those of the state that was read last are kept.
KEPT: dict[bytes, Lists] = {}


def with_facets(keys: Iterable[str]) -> tuple[Lists, Lists]:
    """The lists of the keys and those of all facets; one query, two after a publication."""
    found = Lists.read(keys)
    kept = KEPT.get(found.version)
    if kept is None:
        found = kept = Lists.read(keys, FACETS)
        KEPT.clear()
        KEPT[kept.version] = kept
    return found, kept


def bring_up(chunks: Iterable[int]) -> None:
    """Write what the entries of these chunks have come to; what differs, nothing else."""
    for chunk in chunks:
        given, there = computed(chunk), written(chunk)
        differing = [bucket for bucket in given.keys() | there.keys() if given.get(bucket) != there.get(bucket)]
        old = Posting.objects.filter(chunk=chunk, bucket__in=differing)
        old._raw_delete(old.db)
        rows = (Posting(bucket=bucket, chunk=chunk, lists=given[bucket]) for bucket in differing if bucket in given)
        Posting.objects.bulk_create(rows, batch_size=BATCH)
    Posting.objects.update_or_create(bucket=VERSION, chunk=0, defaults={"lists": uuid4().bytes})


def computed(chunk: int) -> dict[int, bytes]:
    """The rows of a chunk, by bucket, as its entries give them."""
    first = chunk * CHUNK
    entries = Entry.objects.filter(number__gte=first, number__lt=first + CHUNK).order_by("number")
    facets = EntryFacet.objects.filter(entry__in=entries.order_by()).order_by("entry__number")
    return rows_of(
        entries.values_list("number", "kind", "code", "folded_title", *COLUMNS).iterator(),
        facets.values_list("entry__number", "name", "code").iterator(),
    )


def rows_of(entries: Iterable[tuple[Any, ...]], facets: Iterable[tuple[Any, ...]]) -> dict[int, bytes]:
    """The rows of entries of one chunk: each its number, kind, code, folded title and other folded columns; of facets
    the number, the name and the value."""
    places: dict[str, list[int]] = defaultdict(list)
    for number, kind, code, title, *texts in entries:
        place = number % CHUNK
        for key in keys_of(code, title, texts):
            places[key].append(place)
        places[key_of(KIND, kind)].append(place)
    for number, name, code in facets:
        places[key_of(name, code)].append(number % CHUNK)
    return in_buckets({key: stored(found) for key, found in places.items()})


def in_buckets(lists: Mapping[str, bytes]) -> dict[int, bytes]:
    """The row of each bucket."""
    buckets: dict[int, dict[str, bytes]] = defaultdict(dict)
    for key, found in lists.items():
        buckets[bucket_of(key)][key] = found
    return {bucket: joined(some) for bucket, some in buckets.items()}


def written(chunk: int) -> dict[int, bytes]:
    rows = Posting.objects.filter(chunk=chunk).exclude(bucket=VERSION).values_list("bucket", "lists")
    return {bucket: bytes(lists) for bucket, lists in rows}


def chunks_there() -> list[int]:
    """Every chunk that has entries or lists."""
    last = Entry.objects.aggregate(last=Max("number"))["last"] or 0
    last_written = Posting.objects.aggregate(last=Max("chunk"))["last"] or 0
    return list(range(max(last // CHUNK, last_written) + 1))
