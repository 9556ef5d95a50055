"""Documents of departments and of the promotion structure."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.models import Department, PromotionBody, PromotionLink
from dxportal.search.document_sources import IndexDocument, PrimaryKeys, depends_on, document_source, filter_by_key
from dxportal.search.models import DocumentKind
from dxportal.search.search_documents.facet_values import department_facet


@document_source(Department, depends_on("aliases"))
def department_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    for row in filter_by_key(Department.objects.prefetch_related("aliases"), pks):
        labels = [alias.label for alias in row.aliases.all()]
        yield IndexDocument(
            row,
            DocumentKind.DEPARTMENT,
            title=row.name,
            texts=(*labels, row.contact, row.editorial_note),
            code=row.code,
            names=(*labels,),
            order=(row.position,),
            facets={department_facet(row.code)},
        )


@document_source(PromotionBody)
def promotion_body_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    for row in filter_by_key(PromotionBody.objects.current().cited(), pks):
        yield IndexDocument(
            row,
            DocumentKind.PROMOTION,
            title=row.name,
            texts=(row.detail, row.editorial_note),
            order=(1, row.position),
        )


@document_source(PromotionLink, depends_on("source"), depends_on("target"))
def promotion_link_documents(pks: PrimaryKeys) -> Iterator[IndexDocument]:
    for row in filter_by_key(PromotionLink.objects.current().select_related("document", "source", "target"), pks):
        ends = " → ".join(body.name if body else "…" for body in (row.source, row.target))
        yield IndexDocument(
            row,
            DocumentKind.PROMOTION,
            title=row.label,
            texts=(row.editorial_note,),
            place=(ends if row.source or row.target else "",),
            order=(2, row.position),
        )
