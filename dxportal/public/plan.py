"""Home page, and pages of the plan's prose and pillars."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from budgets.sakigake import sakigake_money
from budgets.years import read_years
from catalog.compiled_queries import compiled_query
from catalog.contents import areas, departments
from catalog.models import Domain, Passage, Pillar, PillarItem, SourceDocument
from catalog.models.pillars import PillarItemQuerySet
from catalog.models.plans import PassageQuerySet, SourceDocumentQuerySet
from dxportal.changesets.current_plan import section_annotations
from dxportal.public.get_or_404 import get_or_404
from dxportal.public.prev_next import neighbours
from dxportal.public.tree import by_parent, tree
from dxportal.public.years import chosen_year_with_rows


def home(request: HttpRequest) -> HttpResponse:
    years = read_years()
    year = chosen_year_with_rows(request, years.sakigake)
    map_year = chosen_year_with_rows(request, years.listings)
    measure = years.opening_measure(year.chosen)
    money, everything = sakigake_money(year.chosen, measure)
    domains = by_parent(domains_with_counts(map_year.chosen), "area")
    return render(
        request,
        "public/home.html",
        {
            "vision": next(iter(visions()), None),
            "pillars": pillars(),
            "areas": [(area, domains[area.pk]) for area in areas()],
            "sakigake": money,
            "everything": everything,
            "departments": departments(),
            "year": year,
            "measure": measure,
            "map_year": map_year,
        },
    )


@compiled_query
def visions() -> PassageQuerySet:
    return Passage.objects.current().cited().visions()


@compiled_query
def domains_with_counts(fiscal_year: int) -> QuerySet[Domain]:
    projects = "goals__countermeasures__related_projects"
    of_year = Q(**{f"{projects}__fiscal_year": fiscal_year})
    domains = Domain.objects.current().annotate(
        goal_count=Count("goals", distinct=True),
        project_count=Count(f"{projects}__project", distinct=True, filter=of_year),
    )
    return domains.order_by("position")


def plan(request: HttpRequest) -> HttpResponse:
    documents = documents_with_sections()
    branches = defaultdict(list)
    for branch in tree(passages()):
        branches[branch.row.document_id].append(branch)
    return render(
        request,
        "public/plan.html",
        {
            "documents": [(document, branches[document.pk]) for document in documents],
            "contents": [(str(document), f"document-{document.number}") for document in documents],
        },
    )


@compiled_query
def passages() -> PassageQuerySet:
    return Passage.objects.current().cited()


@compiled_query
def documents_with_sections() -> SourceDocumentQuerySet:
    return SourceDocument.objects.current().annotate(**section_annotations("document"))


def pillar_list(request: HttpRequest) -> HttpResponse:
    return render(request, "public/pillar_list.html", {"pillars": pillars()})


@compiled_query
def pillars() -> QuerySet[Pillar]:
    return Pillar.objects.current().cited()


def pillar_detail(request: HttpRequest, code: str) -> HttpResponse:
    order = pillars()
    pillar = get_or_404(pillar for pillar in order if pillar.code == code)
    return render(
        request,
        "public/pillar_detail.html",
        {"pillar": pillar, "items": tree(items_of(pillar.pk)), **neighbours(pillar, order)},
    )


@compiled_query
def items_of(pillar: UUID) -> PillarItemQuerySet:
    return PillarItem.objects.filter(pillar=pillar).cited()
