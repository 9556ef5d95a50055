"""Documents of pillars and prose, and of budget stages, source documents and the plan itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from budgets.models import Stage
from catalog.models import Passage, Pillar, PillarItem, Plan, SourceDocument
from dxportal.search.document_sources import IndexDocument, PrimaryKeys, depends_on, document_source, filter_by_key
from dxportal.search.models import DocumentKind


@document_source(Pillar)
def pillar_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    for row in filter_by_key(Pillar.objects.current().cited(), pks):
        yield IndexDocument(
            row,
            DocumentKind.PILLAR,
            title=row.name,
            texts=(row.text, row.editorial_note),
            order=(row.position,),
        )


@document_source(PillarItem, depends_on("pillar"), is_tree=True)
def pillar_item_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    rows = {row.pk: row for row in PillarItem.objects.current().select_related("document", "pillar")}
    for row in rows.values() if pks is None else (rows[pk] for pk in pks if pk in rows):
        ancestors = list_ancestors(row, rows)
        yield IndexDocument(
            row,
            DocumentKind.PILLAR_ITEM,
            title=row.text,
            texts=(row.group, row.editorial_note),
            place=(row.pillar.name, *(item.text for item in ancestors)),
            order=(row.pillar.position, *(ancestor.position for ancestor in ancestors), row.position),
        )


@document_source(Passage, is_tree=True)
def passage_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    rows = {row.pk: row for row in Passage.objects.current().cited()}
    for row in rows.values() if pks is None else (rows[pk] for pk in pks if pk in rows):
        ancestors = list_ancestors(row, rows)
        yield IndexDocument(
            row,
            DocumentKind.PASSAGE,
            title=row.heading or row.text or row.code,
            texts=(row.text if row.heading else "", row.editorial_note),
            place=(str(row.document), *(passage.heading for passage in ancestors)),
            order=(row.document.number, *(ancestor.position for ancestor in ancestors), row.position),
            has_name_as_title=bool(row.heading),
        )


def list_ancestors(row: Any, rows: dict[Any, Any]) -> list[Any]:
    """Return the rows above a row, topmost first. Stops at a cycle, which `check_plan` reports."""
    ancestors: list[Any] = []
    while (row := rows.get(row.parent_id)) and row not in ancestors:
        ancestors.insert(0, row)
    return ancestors


@document_source(Stage, depends_on("budget_lines", "stage_id"))
def stage_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    for row in filter_by_key(Stage.objects.in_use(), pks):
        yield IndexDocument(
            row,
            DocumentKind.STAGE,
            title=row.name,
            texts=(row.editorial_note,),
            order=(row.position,),
        )


@document_source(SourceDocument, depends_on("plan", "is_current"))
def source_document_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    for row in filter_by_key(SourceDocument.objects.current(), pks):
        yield IndexDocument(
            row,
            DocumentKind.DOCUMENT,
            title=str(row),
            texts=(row.editorial_note,),
            names=(row.title,),
            order=(row.number,),
        )


@document_source(Plan)
def plan_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    for row in filter_by_key(Plan.objects.filter(is_current=True), pks):
        texts = (row.status, row.publisher, row.notice, row.licence)
        yield IndexDocument(row, DocumentKind.PLAN, title=row.title, texts=texts)
