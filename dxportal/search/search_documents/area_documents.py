"""Documents of areas, down to countermeasures."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.models import Area, Countermeasure, Domain, FutureImage, Goal
from dxportal.search.document_sources import IndexDocument, PrimaryKeys, depends_on, document_source, filter_by_key
from dxportal.search.models import DocumentKind
from dxportal.search.search_documents.facet_values import area_facet


def goal_order(goal: Goal) -> tuple[int, ...]:
    return (goal.domain.area.position, goal.domain.position, goal.position)


@document_source(Area)
def area_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    for row in filter_by_key(Area.objects.current().cited(), pks):
        yield IndexDocument(
            row,
            DocumentKind.AREA,
            title=str(row),
            texts=(row.editorial_note,),
            names=(row.name,),
            order=(row.position,),
            facets={area_facet(row.code)},
        )


@document_source(FutureImage, depends_on("area"))
def future_image_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    for row in filter_by_key(FutureImage.objects.current().select_related("document", "area"), pks):
        yield IndexDocument(
            row,
            DocumentKind.FUTURE_IMAGE,
            title=row.text,
            texts=(row.editorial_note,),
            place=(str(row.area),),
            order=(row.area.position, row.position),
            facets={area_facet(row.area.code)},
            has_name_as_title=False,
        )


@document_source(Domain, depends_on("area"))
def domain_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    for row in filter_by_key(Domain.objects.current().select_related("document", "area"), pks):
        yield IndexDocument(
            row,
            DocumentKind.DOMAIN,
            title=row.name,
            texts=(row.editorial_note,),
            place=(str(row.area),),
            order=(row.area.position, row.position),
            facets={area_facet(row.area.code)},
        )


@document_source(Goal, depends_on("domain"), depends_on("domain__area"))
def goal_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    for row in filter_by_key(Goal.objects.current().select_related("document", "domain__area"), pks):
        yield IndexDocument(
            row,
            DocumentKind.GOAL,
            title=row.keyword,
            texts=(row.text, row.editorial_note),
            code=row.code,
            place=(str(row.domain.area), row.domain.name),
            order=goal_order(row),
            facets={area_facet(row.domain.area.code)},
        )


@document_source(Countermeasure, depends_on("goal"), depends_on("goal__domain"), depends_on("goal__domain__area"))
def countermeasure_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    for row in filter_by_key(Countermeasure.objects.current().select_related("document", "goal__domain__area"), pks):
        domain = row.goal.domain
        yield IndexDocument(
            row,
            DocumentKind.COUNTERMEASURE,
            title=row.text,
            texts=(row.editorial_note,),
            place=(str(domain.area), domain.name, row.goal.keyword),
            order=(*goal_order(row.goal), row.position),
            facets={area_facet(domain.area.code)},
            has_name_as_title=False,
        )
