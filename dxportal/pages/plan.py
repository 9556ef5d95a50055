"""The home page, the plan's prose, its pillars, the promotion structure and the strategy revision."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from budgets.sakigake import sakigake_money
from catalog.models import (
    Area,
    Department,
    Initiative,
    Passage,
    Pillar,
    PillarItem,
    PolicyHeading,
    PolicyMeasure,
    PromotionBody,
    PromotionLink,
    SourceDocument,
    StrategySection,
)
from dxportal.pages.context import has_sections
from dxportal.pages.trees import tree
from dxportal.pages.years import chosen_year


def home(request: HttpRequest) -> HttpResponse:
    year = chosen_year(request)
    money, everything = sakigake_money(year.chosen)
    return render(
        request,
        "pages/home.html",
        {
            "vision": Passage.objects.current().cited().vision(),
            "pillars": Pillar.objects.current(),
            "areas": Area.objects.current().prefetch_related("domains"),
            "sakigake": money,
            "everything": everything,
            "departments": Department.objects.all(),
            "year": year,
        },
    )


def plan(request: HttpRequest) -> HttpResponse:
    branches = defaultdict(list)
    for branch in tree(Passage.objects.current().cited()):
        branches[branch.row.document].append(branch)
    documents = SourceDocument.objects.current().annotate(**has_sections("document"))
    return render(request, "pages/plan.html", {"documents": [(document, branches[document]) for document in documents]})


def pillar_list(request: HttpRequest) -> HttpResponse:
    pillars = Pillar.objects.current().cited()
    return render(request, "pages/pillar_list.html", {"pillars": pillars})


def pillar_detail(request: HttpRequest, code: str) -> HttpResponse:
    pillar = get_object_or_404(Pillar.objects.current().cited(), code=code)
    items = tree(PillarItem.objects.filter(pillar=pillar).cited())
    return render(request, "pages/pillar_detail.html", {"pillar": pillar, "items": items})


def promotion(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "pages/promotion.html",
        {
            "passages": Passage.objects.current()
            .roots()
            .filter(document__in=PromotionBody.objects.current().values("document"))
            .cited(),
            "bodies": PromotionBody.objects.current().cited(),
            "links": PromotionLink.objects.current().select_related("document", "source", "target"),
        },
    )


def strategy(request: HttpRequest) -> HttpResponse:
    initiatives = Prefetch("initiatives", Initiative.objects.cited())
    measures = Prefetch("measures", PolicyMeasure.objects.prefetch_related(initiatives))
    headings = Prefetch("headings", PolicyHeading.objects.cited().prefetch_related(measures))
    passages = Passage.objects.current().filter(document__in=StrategySection.objects.current().values("document"))
    return render(
        request,
        "pages/strategy.html",
        {
            "passages": tree(passages.cited()),
            "sections": StrategySection.objects.current().cited().prefetch_related(headings),
        },
    )
