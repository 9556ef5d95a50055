"""Pages of the printed documents, page by page, with all catalogue rows printed on each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from catalog.compiled_queries import compiled_query
from catalog.contents import documents
from catalog.models import (
    Area,
    Countermeasure,
    Domain,
    FutureImage,
    Goal,
    Initiative,
    Passage,
    Pillar,
    PillarItem,
    PolicyHeading,
    PolicyMeasure,
    Printed,
    PromotionBody,
    PromotionLink,
    SourceDocument,
    StrategySection,
)
from catalog.models.plans import SourceDocumentQuerySet
from dxportal.public.get_or_404 import get_or_404
from dxportal.public.prev_next import Neighbour
from dxportal.public.printed_rows import printed_rows
from dxportal.public.tree import tree
from projects.models import Appearance, NamedPart, SakigakeProject
from projects.models.appearances import with_parts
from projects.models.sakigake import SakigakeProjectQuerySet


@dataclass(frozen=True)
class PrintedModel:
    """Nesting of a model's rows on a page: their parent relations, their order, and the relations to join."""

    model: type[Printed]
    parents: tuple[str, ...] = ()
    order: tuple[str, ...] = ("position",)
    related: tuple[str, ...] = ()

    @property
    def annotation(self) -> str:
        return f"has_{self.model._meta.model_name}"

    def exists_on(self, page: int) -> RawSQL:
        """Return an EXISTS on a page of the outer document; raw, as querysets would take a fifth of the request."""
        table, document = self.model._meta.db_table, SourceDocument._meta.db_table
        is_here = f"document_id = {document}.id AND (page = %s OR (page < %s AND page_to >= %s))"
        exists = f"EXISTS (SELECT 1 FROM {table} WHERE {is_here})"  # noqa: S608  # names of our own tables
        return RawSQL(exists, (page, page, page), BooleanField())  # noqa: S611  # the same

    def rows_on(self, document: UUID, page: int) -> QuerySet[Printed]:
        """Filter the rows printed on a page, or continued on it."""
        rows = self.model._default_manager.filter(document=document).order_by(*self.order)
        if self.related:  # select_related() without names would join every relation
            rows = rows.select_related(*self.related)
        return rows.filter(Q(page=page) | Q(page__lt=page, page_to__gte=page))

    @cached_property
    def read_rows(self) -> Callable[[UUID, int], list[Printed]]:
        return compiled_query(self.rows_on)


PRINTED_APPEARANCES = PrintedModel(
    Appearance,
    ("countermeasure", "sakigake_project"),
    ("sakigake_project__number", "fiscal_year", "position"),
    ("project",),
)
# Display order: parents before children, and unrelated models in this order.
PRINTED_MODELS = (
    PrintedModel(Passage, ("parent",)),
    PrintedModel(Pillar),
    PrintedModel(PillarItem, ("parent", "pillar"), ("pillar__position", "position"), ("pillar",)),
    PrintedModel(Area),
    PrintedModel(FutureImage, ("area",), ("area__position", "position"), ("area",)),
    PrintedModel(Domain, ("area",), ("area__position", "position"), ("area",)),
    PrintedModel(Goal, ("domain",), ("domain__area__position", "domain__position", "position")),
    PrintedModel(Countermeasure, ("goal",), ("goal__domain__position", "goal__position", "position"), ("goal",)),
    PrintedModel(PromotionBody),
    PrintedModel(PromotionLink, related=("source", "target")),
    PrintedModel(SakigakeProject, order=("number",), related=("plan",)),
    PRINTED_APPEARANCES,
    PrintedModel(StrategySection),
    PrintedModel(PolicyHeading, ("section",), ("section__position", "position")),
    PrintedModel(PolicyMeasure, ("heading",), ("heading__section__position", "heading__position", "position")),
    PrintedModel(Initiative, ("measure",), ("measure__position", "position")),
)

PARENT_RELATIONS = tuple(dict.fromkeys(parent for printed in PRINTED_MODELS for parent in printed.parents))


def source_list(request: HttpRequest) -> HttpResponse:
    """Show all documents with links to their pages. Labels are made here, as a document may have hundreds of pages."""
    label = gettext("%(page)sページ")
    listed = [
        (document, [(label % {"page": page}, f"/sources/{document.number}/{page}/") for page in document.pages])
        for document in documents()
    ]
    return render(request, "public/source_list.html", {"documents": listed})


def source_page(request: HttpRequest, number: int, page: int) -> HttpResponse:
    """Show one page. The document's query tells which models have rows on it; then one query for each."""
    document = get_or_404(documents_with(number, page))
    order = documents()
    return render(
        request,
        "public/source_page.html",
        {
            "document": document,
            "number": page,
            "here": page_label(document, page),
            "place": SimpleNamespace(document=document, page=page),
            "rows": printed_rows(tree(rows_on(document, page), *PARENT_RELATIONS)),
            "overview": overview_on(document.pk, page),
            "previous": page_link(order, page - 1),
            "next": page_link(order, page + 1),
        },
    )


@compiled_query
def documents_with(number: int, page: int) -> SourceDocumentQuerySet:
    """Select the document with this number, if it has the page, annotated with the models that have rows there."""
    documents = SourceDocument.objects.current().annotate(
        **{printed.annotation: printed.exists_on(page) for printed in PRINTED_MODELS}
    )
    return documents.filter(number=number, page_from__lte=page, page_to__gte=page)


@compiled_query
def overview_on(document: UUID, page: int) -> SakigakeProjectQuerySet:
    """Select the Sakigake projects whose names are listed on a page (the overview)."""
    return SakigakeProject.objects.filter(document=document, overview_page=page).in_order()


def page_link(documents: Iterable[SourceDocument], page: int) -> Neighbour:
    """Return (label, address) of a page, numbered across all documents, or None if no document has it."""
    for document in documents:
        if page in document.pages:
            return page_label(document, page), f"/sources/{document.number}/{page}/"
    return None


def page_label(document: SourceDocument, page: int) -> str:
    return gettext("%(document)s %(page)sページ") % {"document": document.label, "page": page}


@compiled_query
def parts_named_on(document: UUID, page: int) -> QuerySet[NamedPart]:
    return NamedPart.objects.filter(appearance__in=PRINTED_APPEARANCES.rows_on(document, page).order_by().values("pk"))


def rows_on(document: SourceDocument, page: int) -> Iterator[Printed]:
    for printed in PRINTED_MODELS:
        if getattr(document, printed.annotation):
            rows: Iterable[Any] = printed.read_rows(document.pk, page)
            if printed.model is Appearance:
                rows = with_parts(rows, parts_named_on(document.pk, page))
            for row in rows:
                row.document = document
                yield row
