"""Documents of the strategy revision."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.models import Initiative, PolicyHeading, PolicyMeasure, StrategySection
from dxportal.search.document_sources import IndexDocument, PrimaryKeys, depends_on, document_source, filter_by_key
from dxportal.search.models import DocumentKind


@document_source(StrategySection)
def strategy_section_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    for row in filter_by_key(StrategySection.objects.current().cited(), pks):
        yield IndexDocument(
            row,
            DocumentKind.STRATEGY,
            title=str(row),
            texts=(row.editorial_note,),
            names=(row.name,),
            order=(1, row.position),
        )


@document_source(PolicyHeading, depends_on("section"))
def policy_heading_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    for row in filter_by_key(PolicyHeading.objects.current().select_related("document", "section"), pks):
        yield IndexDocument(
            row,
            DocumentKind.STRATEGY,
            title=row.name,
            texts=(row.note, row.editorial_note),
            place=(str(row.section),),
            order=(2, row.section.position, row.position),
        )


@document_source(PolicyMeasure, depends_on("heading"), depends_on("heading__section"))
def policy_measure_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    for row in filter_by_key(PolicyMeasure.objects.current().select_related("document", "heading__section"), pks):
        heading = row.heading
        yield IndexDocument(
            row,
            DocumentKind.STRATEGY,
            title=row.name,
            texts=(row.editorial_note,),
            place=(str(heading.section), heading.name),
            order=(3, heading.section.position, heading.position, row.position),
        )


@document_source(
    Initiative, depends_on("measure"), depends_on("measure__heading"), depends_on("measure__heading__section")
)
def initiative_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    for row in filter_by_key(Initiative.objects.current().select_related("document", "measure__heading__section"), pks):
        heading = row.measure.heading
        yield IndexDocument(
            row,
            DocumentKind.STRATEGY,
            title=row.text,
            texts=(row.content, row.editorial_note),
            place=(str(heading.section), heading.name, row.measure.name),
            order=(4, heading.section.position, heading.position, row.measure.position, row.position),
        )
