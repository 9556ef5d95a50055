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

# Reserved buckets: all facets; the version; the sizes of the long lists.
FACETS_BUCKET, VERSION_BUCKET, SIZES_BUCKET = -1, -2, -3
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
        self.version_sql = f"SELECT lists FROM {table} WHERE bucket = {VERSION_BUCKET} AND chunk = 0"  # noqa: S608  # as above

    # Reading

    def version(self) -> bytes:
        """Return the index version, 16 random bytes; one query."""
        return b"".join(map(bytes, self.rows.filter(bucket=VERSION_BUCKET, chunk=0).values_list("lists", flat=True)))

    def read(self, keys: Iterable[str], *buckets: int) -> tuple[bytes, dict[str, list[bytes]]]:
        """Return the version, and the packed lists (one per chunk) of these keys and of all keys in these buckets.

        One query, so that lists and version are consistent.
        """
        keys_by_bucket: dict[int, list[str]] = defaultdict(list)
        for key in keys:
            for bucket in self.buckets_of(key):
                keys_by_bucket[bucket].append(key)
        version, lists = b"", defaultdict(list)
        all_buckets = (VERSION_BUCKET, *buckets, *keys_by_bucket)
        for bucket, row in select_numbered_bytes(self.select % ",".join(map(str, all_buckets))):
            if bucket == VERSION_BUCKET:
                version = row
                continue
            for key in keys_by_bucket.get(bucket) or keys_in(row):
                if packed := list_in(row, key):
                    lists[key].append(packed)
        return version, lists

    def long_lists(self) -> Counter[str]:
        """Return the keys of the long lists with their sizes in bytes over all chunks; one query."""
        sizes: Counter[str] = Counter()
        for _, row in select_numbered_bytes(self.select % SIZES_BUCKET):
            sizes.update(sizes_in(row))
        return sizes

    # Writing

    def advance_version(self) -> None:
        """Set a new version, which invalidates the snapshots of all processes."""
        self.rows.update_or_create(bucket=VERSION_BUCKET, chunk=0, defaults={"lists": uuid4().bytes})

    def correct(self, before: Keys, after: Keys) -> None:
        """Update posting lists from the keys of each id before and after a change."""
        changed: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for number in before.keys() | after.keys():
            for key in set(before.get(number, ())) ^ set(after.get(number, ())):
                changed[number // self.limits.chunk_ids][key].append(number)
        for chunk, keys in changed.items():
            for batch in batches(keys.items(), self.limits.batch_keys):
                self._toggle(chunk, dict(batch))

    def _toggle(self, chunk: int, keys: Mapping[str, Iterable[int]]) -> None:
        """Toggle ids in the lists of a chunk: remove those that are present, add the others."""
        stored = self._stored(chunk, {SIZES_BUCKET, *(bucket for key in keys for bucket in self.buckets_of(key))})
        sizes = sizes_in(stored.get(SIZES_BUCKET, b""))
        rows = (row for bucket, row in stored.items() if bucket != SIZES_BUCKET)
        lists = {key: packed for row in rows for key, packed in lists_in(row).items()}
        sizes = {key: size for key, size in sizes.items() if key not in lists}
        for key, ids in keys.items():
            bitmap = (unpack(lists[key]) if key in lists else EMPTY) ^ FrozenBitMap(ids)
            lists[key] = pack(bitmap) if bitmap else b""
        new = self._grouped({key: packed for key, packed in lists.items() if packed}, sizes)
        self._write(chunk, dict.fromkeys(stored, b"") | new, stored)

    def rebuild(self, chunk: int, ids_by_key: Mapping[str, array[int]]) -> None:
        """Replace all lists of a chunk; equal rows are not rewritten."""
        new, stored = self._packed(ids_by_key), self._all_stored(chunk)
        self._write(chunk, dict.fromkeys(stored, b"") | new, stored)

    def are_correct(self, chunk: int, ids_by_key: Mapping[str, array[int]]) -> bool:
        """Tell whether `rebuild` would write nothing."""
        return self._packed(ids_by_key) == self._all_stored(chunk)

    def last_chunk(self) -> int:
        return self.rows.aggregate(last=Max("chunk"))["last"] or 0

    def _packed(self, ids_by_key: Mapping[str, array[int]]) -> dict[int, bytes]:
        return self._grouped({key: pack(ids) for key, ids in ids_by_key.items()}, {})

    def _write(self, chunk: int, new: Mapping[int, bytes], stored: Mapping[int, bytes]) -> None:
        """Replace the stored rows that differ, by bucket; an empty row is deleted."""
        different = [bucket for bucket, row in new.items() if row != stored.get(bucket, b"")]
        for batch in batches(different, self.limits.batch_rows):
            replaced = self.rows.filter(chunk=chunk, bucket__in=batch)
            replaced._raw_delete(replaced.db)
            self.rows.bulk_create(
                self.rows.model(bucket=bucket, chunk=chunk, lists=new[bucket]) for bucket in batch if new[bucket]
            )

    def _stored(self, chunk: int, buckets: Iterable[int]) -> dict[int, bytes]:
        return dict(select_numbered_bytes(f"{self.select % ','.join(map(str, buckets))} AND chunk = {chunk}"))

    def _all_stored(self, chunk: int) -> dict[int, bytes]:
        rows = self.rows.filter(chunk=chunk).exclude(bucket=VERSION_BUCKET).values_list("bucket", "lists")
        return {bucket: bytes(lists) for bucket, lists in rows}

    # Layout

    def buckets_of(self, key: str) -> tuple[int, ...]:
        """Return the buckets of a key: shared for a short list, its own for a long one (barring hash collisions)."""
        if key[0] == FACET:
            return (FACETS_BUCKET,)
        number, shared = crc32(key.encode()), self.limits.shared_buckets
        return number % shared, shared + number % (LAST_BUCKET - shared)

    def _grouped(self, lists: Mapping[str, bytes], other_sizes: Mapping[str, int]) -> dict[int, bytes]:
        """Group lists into rows by bucket, with the row of the sizes of the chunk's long lists.

        `other_sizes`: sizes of the chunk's long lists that are not among `lists`.
        """
        buckets: dict[int, dict[str, bytes]] = defaultdict(dict)
        sizes = dict(other_sizes)
        for key, packed in lists.items():
            is_long = len(packed) >= self.limits.long_list_bytes
            buckets[self.buckets_of(key)[-1 if is_long else 0]][key] = packed
            if is_long and key[0] != FACET:
                sizes[key] = len(packed)
        rows = {bucket: serialize_lists(lists_of_bucket) for bucket, lists_of_bucket in buckets.items()}
        if sizes:
            rows[SIZES_BUCKET] = "".join(f"{key}\t{sizes[key]}\n" for key in sorted(sizes)).encode()
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
    position = row.find(line, 0, end)
    if position < 0:
        return b""
    start, stop = row[position + len(line) : row.index(b"\n", position + 1)].split()
    return row[end + 1 + int(start) : end + 1 + int(stop)]


def keys_in(row: bytes) -> list[str]:
    return [line.partition("\t")[0] for line in row[: row.index(HEADER_END)].decode().split("\n") if line]


def lists_in(row: bytes) -> dict[str, bytes]:
    return {key: list_in(row, key) for key in keys_in(row)}


def sizes_in(row: bytes) -> dict[str, int]:
    lines = (line.partition("\t") for line in row.decode().split("\n") if line)
    return {key: int(size) for key, _, size in lines}


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    remaining = iter(items)
    return iter(lambda: list(islice(remaining, size)), [])


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
    *_, extension_size = COPY_HEAD.unpack_from(copied)
    offset = COPY_HEAD.size + extension_size
    while offset < len(copied) - COPY_END:
        columns, size_of_number, number, size = COPY_ROW.unpack_from(copied, offset)
        if (columns, size_of_number) != (2, 4) or size < 0:
            raise TypeError("Not a whole number of four bytes, and bytes")
        offset += COPY_ROW.size + size
        yield number, copied[offset - size : offset]
