"""Page of the promotion structure, as a diagram and as equivalent lists."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.compiled_queries import compiled_query
from catalog.models import Passage, PromotionBody, PromotionLink
from catalog.models.plans import PassageQuerySet
from dxportal.public.diagram import Diagram


def promotion(request: HttpRequest) -> HttpResponse:
    all_bodies, links = bodies(), links_between()
    return render(
        request,
        "public/promotion.html",
        {
            "passages": promotion_introduction(),
            "bodies": all_bodies,
            "links": links,
            "diagram": Diagram.lay_out(all_bodies, links),
        },
    )


@compiled_query
def promotion_introduction() -> PassageQuerySet:
    """Select the prose of the documents that print the structure, without the boxes inside it."""
    documents = PromotionBody.objects.current().values("document")
    return Passage.objects.current().roots().filter(document__in=documents).cited()


@compiled_query
def bodies() -> QuerySet[PromotionBody]:
    return PromotionBody.objects.current().cited()


@compiled_query
def links_between() -> QuerySet[PromotionLink]:
    return PromotionLink.objects.current().select_related("document", "source", "target")
