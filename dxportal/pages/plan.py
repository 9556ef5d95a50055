"""The home page, the plan's prose and its pillars."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from budgets.sakigake import sakigake_money
from catalog.models import Area, Department, Domain, Passage, Pillar, PillarItem, SourceDocument
from dxportal.pages.context import has_sections
from dxportal.pages.neighbours import neighbours
from dxportal.pages.trees import tree
from dxportal.pages.years import chosen_year


def home(request: HttpRequest) -> HttpResponse:
    year = chosen_year(request)
    money, everything = sakigake_money(year.chosen, with_names=False)
    listed = "goals__countermeasures__related_projects"
    domains = Domain.objects.annotate(
        goal_count=Count("goals", distinct=True),
        project_count=Count(f"{listed}__project", distinct=True, filter=Q(**{f"{listed}__fiscal_year": year.chosen})),
    ).order_by("position")
    return render(
        request,
        "pages/home.html",
        {
            "vision": Passage.objects.current().cited().vision(),
            "pillars": Pillar.objects.current(),
            "areas": Area.objects.current().prefetch_related(Prefetch("domains", domains)),
            "sakigake": money,
            "everything": everything,
            "departments": Department.objects.all(),
            "year": year,
        },
    )


def plan(request: HttpRequest) -> HttpResponse:
    documents = {one.pk: one for one in SourceDocument.objects.current().annotate(**has_sections("document"))}
    passages = list(Passage.objects.current())
    for passage in passages:
        passage.document = documents[passage.document_id]
    branches = defaultdict(list)
    for branch in tree(passages):
        branches[branch.row.document_id].append(branch)
    return render(
        request,
        "pages/plan.html",
        {
            "documents": [(document, branches[pk]) for pk, document in documents.items()],
            "contents": [(str(document), f"document-{document.number}") for document in documents.values()],
        },
    )


def pillar_list(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/pillar_list.html", {"pillars": Pillar.objects.current().cited()})


def pillar_detail(request: HttpRequest, code: str) -> HttpResponse:
    pillar = get_object_or_404(Pillar.objects.current().cited(), code=code)
    items = tree(PillarItem.objects.filter(pillar=pillar).cited())
    return render(
        request,
        "pages/pillar_detail.html",
        {"pillar": pillar, "items": items, **neighbours(pillar, Pillar.objects.current())},
    )
