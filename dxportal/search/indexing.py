"""The index follows the catalogue, in the transaction that changes it: what differs is written, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise
from typing import Any
from uuid import UUID

from catalog.row_changes import RowChange
from dxportal.bulk_insert import insert
from dxportal.search import findable  # noqa: F401  # registers what can be found
from dxportal.search.entries import Found, Source, sources_of
from dxportal.search.models import Entry
from dxportal.search.numbering import renumbered
from dxportal.search.writing import chunks_there, computed, following, rebuild, renamed, written

BATCH = 500
# A number says where an entry stands among the others, and nothing of its row.
COLUMNS = [field.attname for field in Entry._meta.concrete_fields if field.attname != "number"]

Content = tuple[Any, ...]  # an entry as it can be compared: its columns


def follow_changes(rows: Collection[RowChange] | None) -> None:
    """Bring the index up to these changes; None: up to all tables."""
    models = None if rows is None else {one.model for one in rows}
    sources = sources_of(models)
    if sources:
        found, gone, wrong = compared(sources)
        old, new = [*gone, *wrong], [found[row] for row in wrong]
        if rows is None:
            replace(old, new, lambda _: nullcontext())  # whatever is written, none of it is relied on
            rebuild(chunks_there())
        elif old:
            replace(old, new, following)
    renamed()


def replace(old: list[UUID], new: list[Found], lists: Callable[[set[int]], AbstractContextManager[None]]) -> None:
    """Drop entries and add others, each with its number, while the lists follow all whose numbers these are or were."""
    before = places()
    after = {row: before[row] for row in before.keys() - set(old)}
    for one in new:
        order, number = before.get(one.row.pk, ("", None))
        # One that stands where it stood keeps its number.
        after[one.row.pk] = (one.entry.order, number if order == one.entry.order else None)
    given = renumbered([(row, after[row][1]) for row in sorted(after, key=lambda row: (after[row][0], row))])
    for one in new:
        one.entry.number = given.get(one.row.pk, after[one.row.pk][1])
    come = {one.row.pk for one in new}
    moved = [Entry(row=row, number=number) for row, number in given.items() if row not in come]
    numbers = {before[row][1] for row in (*old, *given) if row in before}
    numbers |= {*given.values(), *(one.entry.number for one in new)}
    with lists({number for number in numbers if number is not None}):
        drop(old)
        add(new)
        Entry.objects.bulk_update(moved, ["number"], BATCH)


def places() -> dict[UUID, tuple[str, int | None]]:
    """The order and the number of each entry."""
    return {
        row: (order, number) for row, order, number in Entry.objects.order_by().values_list("row", "order", "number")
    }


def differences() -> tuple[list[UUID], list[UUID]]:
    """Rows whose entries should not be there, and rows whose entries are missing or say something else."""
    _, gone, wrong = compared(sources_of(None))
    return gone, wrong


def wrong_lists() -> list[int]:
    """The chunks whose lists are not those of their entries; all where entries are not numbered in their order."""
    chunks = chunks_there()
    numbers = list(Entry.objects.order_by("order", "row").values_list("number", flat=True))
    if not all(one is not None and other is not None and one < other for one, other in pairwise(numbers)):
        return chunks
    return [chunk for chunk in chunks if computed(chunk) != written(chunk)]


def compared(sources: list[Source]) -> tuple[dict[UUID, Found], list[UUID], list[UUID]]:
    """What the tables give; which stored entries they no longer give; which are missing or differ."""
    found = {one.row.pk: one for source in sources for one in source.found()}
    stored = contents({source.model._meta.label_lower for source in sources})
    gone = sorted(stored.keys() - found.keys())
    wrong = sorted(row for row, one in found.items() if row not in stored or stored[row] != content(one))
    return found, gone, wrong


def content(one: Found) -> Content:
    entry = one.entry
    return tuple(getattr(entry, name) for name in COLUMNS)


def contents(labels: Iterable[str]) -> dict[UUID, Content]:
    """What the index says of these models; one query."""
    return {values[0]: values for values in Entry.objects.of_models(labels).order_by().values_list(*COLUMNS)}


def drop(rows: list[UUID]) -> None:
    for start in range(0, len(rows), BATCH):
        some = Entry.objects.filter(pk__in=rows[start : start + BATCH])
        some._raw_delete(some.db)


def add(found: list[Found]) -> None:
    names = [name for name in COLUMNS if name != "row"]
    entries = (one.entry for one in found)
    rows = ([one.row.hex, one.number, *(getattr(one, name) for name in names)] for one in entries)
    insert(Entry, ["row", "number", *names], rows)
