"""Documents of the strategy revision."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.models import Initiative, PolicyHeading, PolicyMeasure, StrategySection
from dxportal.search.document_sources import IndexDocument, Rows, chosen, of, source
from dxportal.search.models import Kind


@source(StrategySection)
def strategy_sections_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(StrategySection.objects.current().cited(), pks):
        yield IndexDocument(
            row,
            Kind.STRATEGY,
            title=str(row),
            texts=(row.editorial_note,),
            names=(row.name,),
            order=(1, row.position),
        )


@source(PolicyHeading, of("section"))
def policy_headings_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(PolicyHeading.objects.current().select_related("document", "section"), pks):
        yield IndexDocument(
            row,
            Kind.STRATEGY,
            title=row.name,
            texts=(row.note, row.editorial_note),
            place=(str(row.section),),
            order=(2, row.section.position, row.position),
        )


@source(PolicyMeasure, of("heading"), of("heading__section"))
def policy_measures_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(PolicyMeasure.objects.current().select_related("document", "heading__section"), pks):
        heading = row.heading
        yield IndexDocument(
            row,
            Kind.STRATEGY,
            title=row.name,
            texts=(row.editorial_note,),
            place=(str(heading.section), heading.name),
            order=(3, heading.section.position, heading.position, row.position),
        )


@source(Initiative, of("measure"), of("measure__heading"), of("measure__heading__section"))
def initiatives_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(Initiative.objects.current().select_related("document", "measure__heading__section"), pks):
        heading = row.measure.heading
        yield IndexDocument(
            row,
            Kind.STRATEGY,
            title=row.text,
            texts=(row.content, row.editorial_note),
            place=(str(heading.section), heading.name, row.measure.name),
            order=(4, heading.section.position, heading.position, row.measure.position, row.position),
        )
