"""The lists of the index follow its entries: a few entries list by list, all of them chunk by chunk."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice
from typing import Any
from uuid import uuid4

from django.db.models import Max, QuerySet

from dxportal.bulk_insert import insert
from dxportal.search.buckets import FACET, KIND, LENGTHS, VERSION, buckets_of, grouped, key_of, lengths_in, lists_in
from dxportal.search.grams import COLUMNS, keys_of
from dxportal.search.models import BOUNDARY, Entry, EntryQuerySet, Posting
from dxportal.search.numbers import CHUNK, NONE, Numbers, read, stored

BATCH = 500
LISTS = ("bucket", "chunk", "lists")
MOST = 20_000  # buckets that are asked for in one query; SQLite takes 32,766 parameters
FEW = 2000  # entries of which all keys are held at once

Keys = Mapping[int, Set[str]]  # of entries by number


@contextmanager
def following(numbers: Set[int]) -> Iterator[None]:
    """Write what the block does to the entries that have one of these numbers, before it or after it."""
    are_few = len(numbers) <= FEW
    there = keys_at(numbers) if are_few else {}
    yield
    if are_few:
        correct(there, keys_at(numbers))
    else:
        rebuild({number // CHUNK for number in numbers})


def correct(there: Keys, now: Keys) -> None:
    """Write what has become of some entries: the keys that they had, and those that they have."""
    changed: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number in there.keys() | now.keys():
        for key in there.get(number, set()) ^ now.get(number, set()):
            changed[number // CHUNK][key].append(number)
    for chunk, keys in changed.items():
        rows = written_in(chunk, {LENGTHS, *(bucket for key in keys for bucket in buckets_of(key))})
        before = {key: one for bucket, row in rows.items() if bucket != LENGTHS for key, one in lists_in(row).items()}
        after = turned(before, keys)
        others = {key: length for key, length in lengths_in(rows.get(LENGTHS, b"")).items() if key not in before}
        write(chunk, dict.fromkeys(rows, b"") | grouped(after, others), rows)


def turned(lists: Mapping[str, bytes], keys: Mapping[str, Iterable[int]]) -> dict[str, bytes]:
    """Lists in which numbers are taken from those of the keys where they are in them, and else added."""
    changed = {**lists}
    for key, numbers in keys.items():
        there = read(lists[key]) if key in lists else NONE
        if now := there ^ Numbers(numbers):
            changed[key] = stored(now)
        else:
            del changed[key]
    return changed


def rebuild(chunks: Iterable[int]) -> None:
    """Write what the entries of these chunks come to."""
    for chunk in chunks:
        given, there = computed(chunk), written(chunk)
        write(chunk, {bucket: given.get(bucket, b"") for bucket in given.keys() | there.keys()}, there)


def write(chunk: int, given: Mapping[int, bytes], there: Mapping[int, bytes]) -> None:
    """Rows by bucket in place of those that are there, where they differ; an empty one is none."""
    differing = [bucket for bucket, row in given.items() if row != there.get(bucket, b"")]
    replaced = [bucket for bucket in differing if bucket in there]
    for start in range(0, len(replaced), BATCH):
        some = replaced[start : start + BATCH]
        old = Posting.objects.filter(chunk=chunk, bucket__in=some)
        old._raw_delete(old.db)
    insert(Posting, LISTS, ((bucket, chunk, given[bucket]) for bucket in differing if given[bucket]))


def renamed() -> None:
    """Another name for the state of the index, when all that searches read is written: nothing kept of it is right."""
    Posting.objects.update_or_create(bucket=VERSION, chunk=0, defaults={"lists": uuid4().bytes})


def keys_at(numbers: Iterable[int]) -> Keys:
    """Of the entries with these numbers; one query."""
    found: dict[int, set[str]] = defaultdict(set)
    for number, keys in keyed(Entry.objects.filter(number__among=numbers)):
        found[number].update(keys)
    return found


def computed(chunk: int) -> dict[int, bytes]:
    """The rows of a chunk, by bucket, as its entries give them."""
    first = chunk * CHUNK
    return rows_of(keyed(Entry.objects.filter(number__gte=first, number__lt=first + CHUNK)))


def keyed(entries: EntryQuerySet) -> Iterator[tuple[int, Iterable[str]]]:
    """The keys of each entry, some at a time; one query."""
    columns: Any = entries.order_by("number").values_list("number", "kind", "facets", "code", "folded_title", *COLUMNS)
    for number, kind, facets, code, title, *texts in columns.iterator():
        yield number, keys_of(code, title, texts)
        yield number, [key_of(KIND, kind), *(FACET + value for value in facets.split(BOUNDARY) if value)]


def rows_of(keyed: Iterable[tuple[int, Iterable[str]]]) -> dict[int, bytes]:
    """The rows, by bucket, of entries of one chunk, each key's in the order of their numbers."""
    numbers: dict[str, array[int]] = defaultdict(partial(array, "I"))
    for number, keys in keyed:
        for key in keys:
            numbers[key].append(number)
    return grouped({key: stored(some) for key, some in numbers.items()}, {})


def written(chunk: int) -> dict[int, bytes]:
    """The rows of a chunk as they are written."""
    return rows_in(Posting.objects.filter(chunk=chunk).exclude(bucket=VERSION))


def written_in(chunk: int, buckets: Collection[int]) -> dict[int, bytes]:
    """Those of these buckets."""
    wanted = iter(buckets)
    parts = iter(lambda: list(islice(wanted, MOST)), [])
    return dict(
        chain.from_iterable(rows_in(Posting.objects.filter(chunk=chunk, bucket__in=some)).items() for some in parts)
    )


def rows_in(postings: QuerySet[Posting]) -> dict[int, bytes]:
    return {bucket: bytes(lists) for bucket, lists in postings.values_list("bucket", "lists")}


def chunks_there() -> list[int]:
    """Every chunk that has entries or lists."""
    last = Entry.objects.aggregate(last=Max("number"))["last"] or 0
    last_written = Posting.objects.aggregate(last=Max("chunk"))["last"] or 0
    return list(range(max(last // CHUNK, last_written) + 1))
