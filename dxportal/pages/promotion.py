"""The promotion structure, as a diagram and as lists that tell the same."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.contents import passages
from catalog.models import PromotionBody, PromotionLink
from catalog.statements import prepared
from dxportal.pages.diagram import Diagram


def promotion(request: HttpRequest) -> HttpResponse:
    shown, links = bodies(), links_between()
    documents = {body.document_id for body in shown}
    return render(
        request,
        "pages/promotion.html",
        {
            "passages": [one for one in passages() if one.parent_id is None and one.document_id in documents],
            "bodies": shown,
            "links": links,
            "diagram": Diagram.of(shown, links),
        },
    )


@prepared
def bodies() -> QuerySet[PromotionBody]:
    return PromotionBody.objects.current().cited()


@prepared
def links_between() -> QuerySet[PromotionLink]:
    return PromotionLink.objects.current().select_related("document", "source", "target")
