"""Full-text index over the documents of one table; README.md explains it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from django.db import models
from django.db.models import Q

from dxportal.search.index.documents import Document, DocumentKey, Documents
from dxportal.search.index.limits import Limits
from dxportal.search.index.ngrams import NGrams
from dxportal.search.index.posting_lists import PostingLists, batches
from dxportal.search.index.snapshot import Hits, Snapshot, StaleSnapshotError

__all__ = ["Hits", "Index", "Limits", "NGrams", "Snapshot"]

Answer = TypeVar("Answer")

DEFAULT_LIMITS = Limits()


class Index:
    """An index of the documents in one table, with its posting lists in another.

    `documents`: a model as `Documents` requires it; `postings`: one as `PostingLists` does.
    """

    def __init__(
        self,
        documents: type[models.Model],
        postings: type[models.Model],
        ngrams: NGrams,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.limits = limits
        self.documents, self.lists = Documents(documents, ngrams, limits), PostingLists(postings, limits)
        self._snapshot: Snapshot | None = None

    # Queries

    def read(self, query: Callable[[Snapshot], Answer]) -> Answer:
        """Run a query on the snapshot in memory; retry with a new one whenever it raises StaleSnapshotError."""
        snapshot = self._snapshot or self._refresh()
        while True:
            try:
                return query(snapshot)
            except StaleSnapshotError:
                snapshot = self._refresh()

    def search(self, condition: Q, tiers: Sequence[Q] = (), filters: Mapping[str, Iterable[str]] | None = None) -> Hits:
        """Search the current snapshot; see `Snapshot.search`."""
        return self.read(lambda snapshot: snapshot.search(condition, tiers, filters))

    @property
    def version_sql(self) -> str:
        """A subquery for the version, to be selected in one statement with columns of documents."""
        return self.lists.version_sql

    def _refresh(self) -> Snapshot:
        # Another thread may replace `_snapshot` at any time, even by a preview's; so return the one read here.
        snapshot = self._snapshot = Snapshot(self.documents, self.lists)
        return snapshot

    # Documents; in the transaction of the caller

    def update(self, removed: Collection[DocumentKey], documents: Collection[Document]) -> None:
        """Remove documents by primary key, and insert others or replace those with the same key.

        Reads and writes are in proportion to the number of documents. The version advances even without documents,
        because other data that is cached by version may have changed.
        """
        if (len(removed) + len(documents)) * self.limits.rebuild_share > self.documents.last_id():
            self.rebuild(removed, documents)
            return
        for keys in batches(removed, self.limits.batch_documents):
            self._update(keys, [])
        for batch in batches(documents, self.limits.batch_documents):
            self._update([], batch)
        self.lists.advance_version()

    def rebuild(self, removed: Collection[DocumentKey] = (), documents: Collection[Document] = ()) -> None:
        """Update documents, then derive ids and posting lists anew from all documents; equal rows are not rewritten."""
        for keys in batches(removed, self.limits.batch_documents):
            self.documents.delete(keys)
        for batch in batches(documents, self.limits.batch_documents):
            self._keep_ids(batch, self.documents.stored(document.pk for document in batch))
            self._replace(batch)
        if not self.documents.are_in_order():
            self.documents.renumber()
        for chunk in self._chunks():
            self.lists.rebuild(chunk, self.documents.ids_by_key(chunk))
        self.lists.advance_version()

    def wrong_chunks(self) -> list[int]:
        """Return the chunks whose posting lists do not match the documents; all chunks if ids are out of order."""
        if not self.documents.are_in_order():
            return list(self._chunks())
        return [
            chunk for chunk in self._chunks() if not self.lists.are_correct(chunk, self.documents.ids_by_key(chunk))
        ]

    def _update(self, removed: Sequence[DocumentKey], documents: Sequence[Document]) -> None:
        new = {document.pk: document for document in documents}
        stored = self.documents.stored([*removed, *new])
        before = {document.number: self.documents.keys_of(document) for document in stored.values()}
        self._keep_ids(documents, stored)
        self.documents.delete(key for key in stored if key not in new or new[key].number is None)
        without_id = [document for document in documents if document.number is None]
        arriving = sorted(without_id, key=lambda document: (document.order, document.pk))
        moved: dict[DocumentKey, Document] = {}
        for document, number in self.documents.assign_ids(arriving):
            before[document.number] = self.documents.keys_of(document)
            moved[document.pk] = new.get(document.pk, document)
            moved[document.pk].number = number
        self._replace(documents)
        self.documents.move([document for key, document in moved.items() if key not in new])
        after = {document.number: self.documents.keys_of(document) for document in {**moved, **new}.values()}
        self.lists.correct(before, after)

    def _keep_ids(self, documents: Iterable[Document], stored: Mapping[DocumentKey, Document]) -> None:
        """Give documents the ids of those that they replace if `order` is unchanged; None otherwise."""
        for document in documents:
            replaced: Document = stored.get(document.pk)
            document.number = replaced.number if replaced and replaced.order == document.order else None

    def _replace(self, documents: Sequence[Document]) -> None:
        self.documents.delete(document.pk for document in documents)
        self.documents.create(documents)

    def _chunks(self) -> range:
        last = self.documents.last_id() // self.limits.chunk_ids
        return range(max(last, self.lists.last_chunk()) + 1)
