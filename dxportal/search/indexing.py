"""Incremental indexing: refresh the documents that changes affect, in the transaction of the changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q

from catalog.row_changes import RowChange
from dxportal.search import search_documents  # noqa: F401  # registers the sources
from dxportal.search.document_sources import DOCUMENT_SOURCES, DocumentSource, IndexDocument, PrimaryKeys
from dxportal.search.models import SearchDocument
from dxportal.search.site_index import site_index

# The number is the document's id in the index; it does not derive from the row.
DOCUMENT_COLUMNS = [field.attname for field in SearchDocument._meta.concrete_fields if field.attname != "number"]

Content = tuple[Any, ...]  # the columns of a document, for comparison


def refresh_index(changes: Collection[RowChange] | None) -> None:
    """Apply row changes to the index; None rebuilds it from all tables. Only documents that differ are written."""
    if changes is None:
        derived, stale, different = compare_documents(dict.fromkeys(DOCUMENT_SOURCES))
        site_index.rebuild(stale, [derived[row].search_document for row in different])
        return
    affected = {source: source.affected_rows(changes) for source in DOCUMENT_SOURCES}
    derived, stale, different = compare_documents(
        {source: rows for source, rows in affected.items() if rows is None or rows}
    )
    site_index.update(stale, [derived[row].search_document for row in different])


def find_wrong_documents() -> tuple[list[UUID], list[UUID]]:
    """Return rows whose documents are stale, and rows whose documents are missing or differ from the tables."""
    _, stale, different = compare_documents(dict.fromkeys(DOCUMENT_SOURCES))
    return stale, different


def compare_documents(
    affected: Mapping[DocumentSource, PrimaryKeys],
) -> tuple[dict[UUID, IndexDocument], list[UUID], list[UUID]]:
    """Compare documents derived from the tables with the stored ones, for the given rows of each source.

    Returns the derived documents by row, the rows of stale stored documents, and the rows of missing or different ones.
    """
    derived = {document.row.pk: document for source, rows in affected.items() for document in source.generate(rows)}
    stored = stored_contents(
        [source.model._meta.label_lower for source, rows in affected.items() if rows is None],
        [row for rows in affected.values() for row in rows or ()],
    )
    stale = sorted(stored.keys() - derived.keys())
    different = sorted(
        row for row, document in derived.items() if row not in stored or stored[row] != column_values_of(document)
    )
    return derived, stale, different


def column_values_of(document: IndexDocument) -> Content:
    search_document = document.search_document
    return tuple(getattr(search_document, name) for name in DOCUMENT_COLUMNS)


def stored_contents(labels: Collection[str], rows: Collection[UUID] = ()) -> dict[UUID, Content]:
    """Return the stored documents of these models (labels) and rows, by row; one query."""
    documents = SearchDocument.objects.filter(Q(model__in=labels) | Q(pk__in=rows))
    return {values[0]: values for values in documents.order_by().values_list(*DOCUMENT_COLUMNS)}
