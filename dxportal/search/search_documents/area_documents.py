"""Documents of areas, down to countermeasures."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.models import Area, Countermeasure, Domain, FutureImage, Goal
from dxportal.search.document_sources import IndexDocument, Rows, chosen, of, source
from dxportal.search.models import Kind
from dxportal.search.search_documents.facet_values import area


def order_of_goal(goal: Goal) -> tuple[int, ...]:
    return (goal.domain.area.position, goal.domain.position, goal.position)


@source(Area)
def areas_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(Area.objects.current().cited(), pks):
        yield IndexDocument(
            row,
            Kind.AREA,
            title=str(row),
            texts=(row.editorial_note,),
            names=(row.name,),
            order=(row.position,),
            facets={area(row.code)},
        )


@source(FutureImage, of("area"))
def future_images_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(FutureImage.objects.current().select_related("document", "area"), pks):
        yield IndexDocument(
            row,
            Kind.FUTURE_IMAGE,
            title=row.text,
            texts=(row.editorial_note,),
            place=(str(row.area),),
            order=(row.area.position, row.position),
            facets={area(row.area.code)},
            is_named=False,
        )


@source(Domain, of("area"))
def domains_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(Domain.objects.current().select_related("document", "area"), pks):
        yield IndexDocument(
            row,
            Kind.DOMAIN,
            title=row.name,
            texts=(row.editorial_note,),
            place=(str(row.area),),
            order=(row.area.position, row.position),
            facets={area(row.area.code)},
        )


@source(Goal, of("domain"), of("domain__area"))
def goals_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(Goal.objects.current().select_related("document", "domain__area"), pks):
        yield IndexDocument(
            row,
            Kind.GOAL,
            title=row.keyword,
            texts=(row.text, row.editorial_note),
            code=row.code,
            place=(str(row.domain.area), row.domain.name),
            order=order_of_goal(row),
            facets={area(row.domain.area.code)},
        )


@source(Countermeasure, of("goal"), of("goal__domain"), of("goal__domain__area"))
def countermeasures_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(Countermeasure.objects.current().select_related("document", "goal__domain__area"), pks):
        domain = row.goal.domain
        yield IndexDocument(
            row,
            Kind.COUNTERMEASURE,
            title=row.text,
            texts=(row.editorial_note,),
            place=(str(domain.area), domain.name, row.goal.keyword),
            order=(*order_of_goal(row.goal), row.position),
            facets={area(domain.area.code)},
            is_named=False,
        )
