"""Incremental indexing: refresh the documents that changes affect, in the transaction of the changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q

from catalog.row_changes import RowChange
from dxportal.search import search_documents  # noqa: F401  # registers what can be found
from dxportal.search.document_sources import SOURCES, IndexDocument, Rows, Source
from dxportal.search.models import SearchDocument
from dxportal.search.site_index import site_index

# The number is the document's id in the index; it does not derive from the row.
COLUMNS = [field.attname for field in SearchDocument._meta.concrete_fields if field.attname != "number"]

Content = tuple[Any, ...]  # the columns of a document, for comparison


def refresh(changes: Collection[RowChange] | None) -> None:
    """Apply row changes to the index; None rebuilds it from all tables. Only documents that differ are written."""
    if changes is None:
        found, gone, wrong = compared(dict.fromkeys(SOURCES))
        site_index.rebuild(gone, [found[row].search_document for row in wrong])
        return
    concerned = {one: one.concerned(changes) for one in SOURCES}
    found, gone, wrong = compared({one: rows for one, rows in concerned.items() if rows is None or rows})
    site_index.update(gone, [found[row].search_document for row in wrong])


def differences() -> tuple[list[UUID], list[UUID]]:
    """Return rows whose documents are stale, and rows whose documents are missing or differ from the tables."""
    _, gone, wrong = compared(dict.fromkeys(SOURCES))
    return gone, wrong


def compared(concerned: Mapping[Source, Rows]) -> tuple[dict[UUID, IndexDocument], list[UUID], list[UUID]]:
    """Compare documents derived from the tables with the stored ones, for the given rows of each source.

    Returns the derived documents by row, the rows of stale stored documents, and the rows of missing or different ones.
    """
    found = {one.row.pk: one for source, rows in concerned.items() for one in source.found(rows)}
    stored = contents(
        [source.model._meta.label_lower for source, rows in concerned.items() if rows is None],
        [row for rows in concerned.values() for row in rows or ()],
    )
    gone = sorted(stored.keys() - found.keys())
    wrong = sorted(row for row, one in found.items() if row not in stored or stored[row] != content(one))
    return found, gone, wrong


def content(one: IndexDocument) -> Content:
    document = one.search_document
    return tuple(getattr(document, name) for name in COLUMNS)


def contents(labels: Collection[str], rows: Collection[UUID] = ()) -> dict[UUID, Content]:
    """Return the stored documents of these models (labels) and rows, by row; one query."""
    documents = SearchDocument.objects.filter(Q(model__in=labels) | Q(pk__in=rows))
    return {values[0]: values for values in documents.order_by().values_list(*COLUMNS)}
