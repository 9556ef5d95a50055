"""Table of documents: ids, which ascend in the order of results, keys, and texts for verification."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count, pairwise
from typing import Any

from django.db import connection, models
from django.db.models import Max, Q
from pyroaring import FrozenBitMap

from dxportal.search.index.bitmaps import Bounds, make_evaluator
from dxportal.search.index.limits import Limits
from dxportal.search.index.ngrams import NGrams

Document = Any  # an instance of the model
DocumentKey = Any  # its primary key

LOOKUP_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "contains": str.__contains__,
    "startswith": str.startswith,
    "": str.__eq__,
}


class Documents:
    """Documents of a model with the fields of `ngrams`, `number` (the document id) and `order` (a text).

    Ids ascend in the order of `order` and primary key. Some ids stay free, so that an insertion moves only the
    documents up to the next free id.
    """

    def __init__(self, model: type[models.Model], ngrams: NGrams, limits: Limits) -> None:
        self.ngrams, self.limits = ngrams, limits
        self.rows: Any = model._default_manager
        self.table, self.key = model._meta.db_table, model._meta.pk

    def evaluator(self, ids: Sequence[int]) -> Callable[[Q], Bounds]:
        """Return a function that evaluates conditions on the texts of these documents; one query, none without ids."""
        fields, rows = self.ngrams.fields, []
        if ids:
            with connection.cursor() as cursor:
                # Ids are inlined: binding a parameter for each would take longer than the query.
                cursor.execute(
                    f"SELECT number, {', '.join(fields)} FROM {self.table} "  # noqa: S608  # names of columns
                    f"WHERE number IN ({','.join(map(str, ids))})"
                )
                rows = cursor.fetchall()
        numbers, *contents = zip(*rows, strict=True) if rows else ((), *[()] * len(fields))
        columns = dict(zip(fields, contents, strict=True))

        def lookup(name: str, text: str) -> Bounds:
            field, _, operator = name.partition("__")
            meets = LOOKUP_OPERATORS[operator]
            values = zip(numbers, columns[field], strict=True)
            return Bounds.exactly(FrozenBitMap([number for number, value in values if meets(value, text)]))

        return make_evaluator(lookup, FrozenBitMap(numbers))

    # Keys

    def keys_of(self, document: Document) -> set[str]:
        return set(self.ngrams.keys_of(vars(document)))

    def ids_by_key(self, chunk: int) -> dict[str, array[int]]:
        """Map each key to the ids of its documents in a chunk; one query."""
        first = chunk * self.limits.chunk_ids
        rows = self.rows.filter(number__gte=first, number__lt=first + self.limits.chunk_ids).order_by("number")
        ids_by_key: dict[str, array[int]] = defaultdict(partial(array, "I"))
        for document in rows.values("number", "kind", "facets", *self.ngrams.fields).iterator():
            for key in set(self.ngrams.keys_of(document)):
                ids_by_key[key].append(document["number"])
        return ids_by_key

    # Storing

    def stored(self, keys: Iterable[DocumentKey]) -> dict[DocumentKey, Document]:
        """Return the stored documents with these primary keys, by key; one query."""
        return {document.pk: document for document in self.rows.filter(pk__in=list(keys))}

    def delete(self, keys: Iterable[DocumentKey]) -> None:
        rows = self.rows.filter(pk__in=list(keys))
        rows._raw_delete(rows.db)

    def create(self, documents: Iterable[Document]) -> None:
        self.rows.bulk_create(documents)

    def move(self, documents: Iterable[Document]) -> None:
        """Write the ids of stored documents."""
        self.rows.bulk_update(documents, ["number"], self.limits.batch_rows)

    # Ids

    def last_id(self) -> int:
        return self.rows.aggregate(last=Max("number"))["last"] or 0

    def are_in_order(self) -> bool:
        numbers = self.rows.order_by("order", "pk").values_list("number", flat=True)
        return all(
            first is not None and second is not None and first < second for first, second in pairwise([-1, *numbers])
        )

    def renumber(self) -> None:
        """Assign ids to all documents, leaving free ones in between."""
        documents = self.rows.only("number").order_by("order", "pk")
        moved = []
        for document, number in zip(documents, self.spread_ids(), strict=False):
            if document.number != number:
                document.number = number
                moved.append(document)
        self.move(moved)

    def spread_ids(self) -> Iterator[int]:
        """Generate the ids for renumbering: 0 1 2 3 5 6 7 8 10 …"""
        return (index + index // self.limits.ids_per_free_id for index in count())

    def assign_ids(self, arriving: Iterable[Document]) -> Iterator[tuple[Document, int]]:
        """Assign ids to new documents, given in their order, each after its stored predecessor.

        Yields the stored documents that have to move, with their new ids. Two queries for each new document.
        """
        assigned = processed = -1  # the last assigned id; the stored id up to which documents are processed
        for document in arriving:
            id_before = self._id_before(document)
            for stored in self._colliding(processed, assigned, id_before):
                assigned, processed = assigned + 1, stored.number
                yield stored, assigned
            processed = max(processed, id_before)
            assigned = document.number = max(assigned, id_before) + 1
        for stored in self._colliding(processed, assigned):
            assigned += 1
            yield stored, assigned

    def _colliding(self, processed: int, assigned: int, last: int | None = None) -> Iterator[Document]:
        """Yield the stored documents after the id `processed`, up to `last`, whose ids were assigned to others."""
        while assigned > processed:
            batch = self.rows.filter(number__gt=processed).order_by("number")[: self.limits.neighbours_at_once]
            for stored in batch:
                if stored.number > assigned or (last is not None and stored.number > last):
                    return
                assigned, processed = assigned + 1, stored.number
                yield stored
            if not batch:
                return

    def _id_before(self, document: Document) -> int:
        """Return the id of the last stored document that sorts before this one; -1 if there is none."""
        quoted = connection.ops.quote_name
        order, key = quoted("order"), quoted(str(self.key.column))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT number FROM {self.table} WHERE ({order}, {key}) < (%s, %s) "  # noqa: S608  # names of columns
                f"ORDER BY {order} DESC, {key} DESC LIMIT 1",
                [document.order, self.key.get_db_prep_value(document.pk, connection)],
            )
            row = cursor.fetchone()
        return row[0] if row else -1
