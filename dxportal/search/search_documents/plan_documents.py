"""Documents of pillars and prose, and of budget stages, source documents and the plan itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from budgets.models import Stage
from catalog.models import Passage, Pillar, PillarItem, Plan, SourceDocument
from dxportal.search.document_sources import IndexDocument, Rows, chosen, of, source
from dxportal.search.models import Kind


@source(Pillar)
def pillars_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(Pillar.objects.current().cited(), pks):
        yield IndexDocument(
            row,
            Kind.PILLAR,
            title=row.name,
            texts=(row.text, row.editorial_note),
            order=(row.position,),
        )


@source(PillarItem, of("pillar"), is_tree=True)
def pillar_items_found(pks: Rows) -> Iterator[IndexDocument]:
    rows = {row.pk: row for row in PillarItem.objects.current().select_related("document", "pillar")}
    for row in rows.values() if pks is None else (rows[pk] for pk in pks if pk in rows):
        above = upwards(row, rows)
        yield IndexDocument(
            row,
            Kind.PILLAR_ITEM,
            title=row.text,
            texts=(row.group, row.editorial_note),
            place=(row.pillar.name, *(one.text for one in above)),
            order=(row.pillar.position, *(one.position for one in above), row.position),
        )


@source(Passage, is_tree=True)
def passages_found(pks: Rows) -> Iterator[IndexDocument]:
    rows = {row.pk: row for row in Passage.objects.current().cited()}
    for row in rows.values() if pks is None else (rows[pk] for pk in pks if pk in rows):
        above = upwards(row, rows)
        yield IndexDocument(
            row,
            Kind.PASSAGE,
            title=row.heading or row.text or row.code,
            texts=(row.text if row.heading else "", row.editorial_note),
            place=(str(row.document), *(one.heading for one in above)),
            order=(row.document.number, *(one.position for one in above), row.position),
            is_named=bool(row.heading),
        )


def upwards(row: Any, rows: dict[Any, Any]) -> list[Any]:
    """Return the rows above a row, topmost first. Stops at a cycle, which `check_plan` reports."""
    above: list[Any] = []
    while (row := rows.get(row.parent_id)) and row not in above:
        above.insert(0, row)
    return above


@source(Stage)
def stages_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(Stage.objects.all(), pks):
        yield IndexDocument(
            row,
            Kind.STAGE,
            title=row.name,
            texts=(row.editorial_note,),
            order=(row.position,),
        )


@source(SourceDocument, of("plan", "is_current"))
def documents_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(SourceDocument.objects.current(), pks):
        yield IndexDocument(
            row,
            Kind.DOCUMENT,
            title=str(row),
            texts=(row.editorial_note,),
            names=(row.title,),
            order=(row.number,),
        )


@source(Plan)
def plans_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(Plan.objects.filter(is_current=True), pks):
        yield IndexDocument(row, Kind.PLAN, title=row.title, texts=(row.status, row.publisher, row.notice, row.licence))
