"""The promotion structure, as a diagram and as lists that tell the same."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.models import Passage, PromotionBody, PromotionLink
from dxportal.pages.diagram import Diagram


def promotion(request: HttpRequest) -> HttpResponse:
    bodies = PromotionBody.objects.current().cited()
    links = PromotionLink.objects.current().select_related("document", "source", "target")
    passages = Passage.objects.current().roots().filter(document__in=bodies.values("document"))
    return render(
        request,
        "pages/promotion.html",
        {
            "passages": passages.cited(),
            "bodies": bodies,
            "links": links,
            "diagram": Diagram.of(bodies, links),
        },
    )
