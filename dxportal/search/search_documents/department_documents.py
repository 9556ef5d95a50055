"""Documents of departments and of the promotion structure."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.models import Department, PromotionBody, PromotionLink
from dxportal.search.document_sources import IndexDocument, Rows, chosen, of, source
from dxportal.search.models import Kind
from dxportal.search.search_documents.facet_values import department


@source(Department, of("aliases"))
def departments_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(Department.objects.prefetch_related("aliases"), pks):
        labels = [alias.label for alias in row.aliases.all()]
        yield IndexDocument(
            row,
            Kind.DEPARTMENT,
            title=row.name,
            texts=(*labels, row.contact, row.editorial_note),
            code=row.code,
            names=(*labels,),
            order=(row.position,),
            facets={department(row.code)},
        )


@source(PromotionBody)
def promotion_bodies_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(PromotionBody.objects.current().cited(), pks):
        yield IndexDocument(
            row,
            Kind.PROMOTION,
            title=row.name,
            texts=(row.detail, row.editorial_note),
            order=(1, row.position),
        )


@source(PromotionLink, of("source"), of("target"))
def promotion_links_found(pks: Rows) -> Iterator[IndexDocument]:
    for row in chosen(PromotionLink.objects.current().select_related("document", "source", "target"), pks):
        ends = " → ".join(body.name if body else "…" for body in (row.source, row.target))
        yield IndexDocument(
            row,
            Kind.PROMOTION,
            title=row.label,
            texts=(row.editorial_note,),
            place=(ends if row.source or row.target else "",),
            order=(2, row.position),
        )
