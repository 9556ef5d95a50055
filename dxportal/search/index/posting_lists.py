"""Storage of posting lists: for each key a bitmap of document ids, in the rows of one table.

Most keys are rare, so they share rows by a hash, the **bucket**; a long list has its own row. Ids are split into
**chunks**, so that a change rewrites little. Format of a row: a line for each key with the start and end offset of its
list, a null byte, then the lists.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from io import BytesIO
from itertools import islice
from struct import Struct
from typing import TypeVar
from uuid import uuid4
from zlib import crc32

from django.db import connection, models
from django.db.models import Max
from pyroaring import FrozenBitMap

from dxportal.search.index.bitmaps import EMPTY, pack, unpack
from dxportal.search.index.limits import Limits
from dxportal.search.index.ngrams import FACET

FACETS, VERSION, SIZES = -1, -2, -3  # reserved buckets: all facets; the version; the sizes of the long lists
LAST_BUCKET = (1 << 31) - 1  # the largest value of the column
HEADER_END = b"\0"  # ends the header of a row

COPY_HEAD = Struct(">11s2i")  # signature, flags, size of the header extension
COPY_ROW = Struct(">h3i")  # number of columns, size of the integer, the integer, size of the bytes
COPY_END = 2  # bytes of the trailer

Item = TypeVar("Item")
Keys = Mapping[int, Collection[str]]  # document id -> its keys


class PostingLists:
    """Posting lists in a model with the columns `bucket`, `chunk` (unique together) and `lists`."""

    def __init__(self, model: type[models.Model], limits: Limits) -> None:
        self.rows, self.limits = model._default_manager, limits
        table = model._meta.db_table
        self.select = f"SELECT bucket, lists FROM {table} WHERE bucket IN (%s)"  # noqa: S608  # the name of a table
        self.version_sql = f"SELECT lists FROM {table} WHERE bucket = {VERSION} AND chunk = 0"  # noqa: S608  # as above

    # Reading

    def version(self) -> bytes:
        """Return the index version, 16 random bytes; one query."""
        return b"".join(map(bytes, self.rows.filter(bucket=VERSION, chunk=0).values_list("lists", flat=True)))

    def read(self, keys: Iterable[str], *buckets: int) -> tuple[bytes, dict[str, list[bytes]]]:
        """Return the version, and the packed lists (one per chunk) of these keys and of all keys in these buckets.

        One query, so that lists and version are consistent.
        """
        wanted: dict[int, list[str]] = defaultdict(list)
        for key in keys:
            for bucket in self.buckets_of(key):
                wanted[bucket].append(key)
        version, found = b"", defaultdict(list)
        for bucket, row in select_numbered_bytes(self.select % ",".join(map(str, (VERSION, *buckets, *wanted)))):
            if bucket == VERSION:
                version = row
                continue
            for key in wanted.get(bucket) or keys_in(row):
                if packed := list_in(row, key):
                    found[key].append(packed)
        return version, found

    def long_lists(self) -> Counter[str]:
        """Return the keys of the long lists with their sizes in bytes over all chunks; one query."""
        found: Counter[str] = Counter()
        for _, row in select_numbered_bytes(self.select % SIZES):
            found.update(sizes_in(row))
        return found

    # Writing

    def advance_version(self) -> None:
        """Set a new version, which invalidates the snapshots of all processes."""
        self.rows.update_or_create(bucket=VERSION, chunk=0, defaults={"lists": uuid4().bytes})

    def correct(self, before: Keys, after: Keys) -> None:
        """Update posting lists from the keys of each id before and after a change."""
        changed: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for one in before.keys() | after.keys():
            for key in set(before.get(one, ())) ^ set(after.get(one, ())):
                changed[one // self.limits.chunk_ids][key].append(one)
        for chunk, keys in changed.items():
            for some in batches(keys.items(), self.limits.batch_keys):
                self._toggle(chunk, dict(some))

    def _toggle(self, chunk: int, keys: Mapping[str, Iterable[int]]) -> None:
        """Toggle ids in the lists of a chunk: remove those that are present, add the others."""
        stored = self._stored(chunk, {SIZES, *(bucket for key in keys for bucket in self.buckets_of(key))})
        sizes = sizes_in(stored.get(SIZES, b""))
        lists = {key: one for bucket, row in stored.items() if bucket != SIZES for key, one in lists_in(row).items()}
        sizes = {key: size for key, size in sizes.items() if key not in lists}
        for key, ids in keys.items():
            now = (unpack(lists[key]) if key in lists else EMPTY) ^ FrozenBitMap(ids)
            lists[key] = pack(now) if now else b""
        rows = self._grouped({key: one for key, one in lists.items() if one}, sizes)
        self._write(chunk, dict.fromkeys(stored, b"") | rows, stored)

    def rebuild(self, chunk: int, ids_by_key: Mapping[str, array[int]]) -> None:
        """Replace all lists of a chunk; equal rows are not rewritten."""
        given, stored = self._packed(ids_by_key), self._all_stored(chunk)
        self._write(chunk, dict.fromkeys(stored, b"") | given, stored)

    def are_correct(self, chunk: int, ids_by_key: Mapping[str, array[int]]) -> bool:
        """Tell whether `rebuild` would write nothing."""
        return self._packed(ids_by_key) == self._all_stored(chunk)

    def last_chunk(self) -> int:
        return self.rows.aggregate(last=Max("chunk"))["last"] or 0

    def _packed(self, ids_by_key: Mapping[str, array[int]]) -> dict[int, bytes]:
        return self._grouped({key: pack(ids) for key, ids in ids_by_key.items()}, {})

    def _write(self, chunk: int, given: Mapping[int, bytes], stored: Mapping[int, bytes]) -> None:
        """Replace the stored rows that differ, by bucket; an empty row is deleted."""
        different = [bucket for bucket, row in given.items() if row != stored.get(bucket, b"")]
        for some in batches(different, self.limits.batch_rows):
            replaced = self.rows.filter(chunk=chunk, bucket__in=some)
            replaced._raw_delete(replaced.db)
            new = (self.rows.model(bucket=bucket, chunk=chunk, lists=given[bucket]) for bucket in some if given[bucket])
            self.rows.bulk_create(new)

    def _stored(self, chunk: int, buckets: Iterable[int]) -> dict[int, bytes]:
        return dict(select_numbered_bytes(f"{self.select % ','.join(map(str, buckets))} AND chunk = {chunk}"))

    def _all_stored(self, chunk: int) -> dict[int, bytes]:
        rows = self.rows.filter(chunk=chunk).exclude(bucket=VERSION).values_list("bucket", "lists")
        return {bucket: bytes(lists) for bucket, lists in rows}

    # Layout

    def buckets_of(self, key: str) -> tuple[int, ...]:
        """Return the buckets of a key: shared for a short list, its own for a long one (barring hash collisions)."""
        if key[0] == FACET:
            return (FACETS,)
        number, shared = crc32(key.encode()), self.limits.shared_buckets
        return number % shared, shared + number % (LAST_BUCKET - shared)

    def _grouped(self, lists: Mapping[str, bytes], other_sizes: Mapping[str, int]) -> dict[int, bytes]:
        """Group lists into rows by bucket, with the row of the sizes of the chunk's long lists.

        `other_sizes`: sizes of the chunk's long lists that are not among `lists`.
        """
        buckets: dict[int, dict[str, bytes]] = defaultdict(dict)
        sizes = dict(other_sizes)
        for key, one in lists.items():
            own = len(one) >= self.limits.long_list_bytes
            buckets[self.buckets_of(key)[-1 if own else 0]][key] = one
            if own and key[0] != FACET:
                sizes[key] = len(one)
        rows = {bucket: serialize_lists(some) for bucket, some in buckets.items()}
        if sizes:
            rows[SIZES] = "".join(f"{key}\t{sizes[key]}\n" for key in sorted(sizes)).encode()
        return rows


def serialize_lists(lists: Mapping[str, bytes]) -> bytes:
    """Serialise keys and lists to a row."""
    lines, start = [], 0
    for key in sorted(lists):
        stop = start + len(lists[key])
        lines.append(f"\n{key}\t{start} {stop}")
        start = stop
    return "".join([*lines, "\n"]).encode() + HEADER_END + b"".join(lists[key] for key in sorted(lists))


def list_in(row: bytes, key: str) -> bytes:
    """Return the list of a key in a row; empty if the row has none."""
    end = row.index(HEADER_END)
    line = f"\n{key}\t".encode()
    place = row.find(line, 0, end)
    if place < 0:
        return b""
    start, stop = row[place + len(line) : row.index(b"\n", place + 1)].split()
    return row[end + 1 + int(start) : end + 1 + int(stop)]


def keys_in(row: bytes) -> list[str]:
    return [line.partition("\t")[0] for line in row[: row.index(HEADER_END)].decode().split("\n") if line]


def lists_in(row: bytes) -> dict[str, bytes]:
    return {key: list_in(row, key) for key in keys_in(row)}


def sizes_in(row: bytes) -> dict[str, int]:
    lines = (line.partition("\t") for line in row.decode().split("\n") if line)
    return {key: int(size) for key, _, size in lines}


def batches(some: Iterable[Item], size: int) -> Iterator[list[Item]]:
    rest = iter(some)
    return iter(lambda: list(islice(rest, size)), [])


def select_numbered_bytes(statement: str) -> Iterable[tuple[int, bytes]]:
    """Run a statement that selects a 4-byte integer and bytes, both NOT NULL, and return its rows.

    On PostgreSQL by binary COPY: the text protocol sends bytes as hexadecimal digits, and decoding these takes longer
    than all other work on a list.
    """
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            rows: list[tuple[int, bytes]] = cursor.execute(statement).fetchall()
            return rows
        connection.validate_no_broken_transaction()
        copied = BytesIO()
        with connection.wrap_database_errors:
            cursor.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT binary)", copied)
    return parse_copied_rows(copied.getvalue())


def parse_copied_rows(copied: bytes) -> Iterator[tuple[int, bytes]]:
    """Parse PostgreSQL's binary COPY format. Raises TypeError for other columns."""
    *_, more = COPY_HEAD.unpack_from(copied)
    at = COPY_HEAD.size + more
    while at < len(copied) - COPY_END:
        columns, size_of_number, number, size = COPY_ROW.unpack_from(copied, at)
        if (columns, size_of_number) != (2, 4) or size < 0:
            raise TypeError("Not a whole number of four bytes, and bytes")
        at += COPY_ROW.size + size
        yield number, copied[at - size : at]
