"""The index follows the catalogue, in the transaction that changes it: what differs is written, nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from catalog.row_changes import RowChange
from dxportal.search import search_documents  # noqa: F401  # registers what can be found
from dxportal.search.document_sources import IndexDocument, Source, sources_of
from dxportal.search.models import SearchDocument
from dxportal.search.site_index import site_index

# A number says where a document stands among the others, and nothing of its row.
COLUMNS = [field.attname for field in SearchDocument._meta.concrete_fields if field.attname != "number"]

Content = tuple[Any, ...]  # a document as it can be compared: its columns


def follow_changes(rows: Collection[RowChange] | None) -> None:
    """Bring the index up to these changes; None: up to all tables."""
    models = None if rows is None else {change.model for change in rows}
    found, gone, wrong = compared(sources_of(models))
    write = site_index.rebuild if rows is None else site_index.update
    write(gone, [found[row].search_document for row in wrong])


def differences() -> tuple[list[UUID], list[UUID]]:
    """Rows whose documents should not be there, and rows whose documents are missing or say something else."""
    _, gone, wrong = compared(sources_of(None))
    return gone, wrong


def compared(sources: list[Source]) -> tuple[dict[UUID, IndexDocument], list[UUID], list[UUID]]:
    """What the tables give; which stored documents they no longer give; which are missing or differ."""
    found = {one.row.pk: one for source in sources for one in source.found()}
    stored = contents({source.model._meta.label_lower for source in sources})
    gone = sorted(stored.keys() - found.keys())
    wrong = sorted(row for row, one in found.items() if row not in stored or stored[row] != content(one))
    return found, gone, wrong


def content(one: IndexDocument) -> Content:
    document = one.search_document
    return tuple(getattr(document, name) for name in COLUMNS)


def contents(labels: Iterable[str]) -> dict[UUID, Content]:
    """What the index says of these models; one query."""
    return {values[0]: values for values in SearchDocument.objects.of_models(labels).order_by().values_list(*COLUMNS)}
