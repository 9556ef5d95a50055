"""Pages of areas, domains and goals."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from budgets.years import read_years_of_goal
from catalog.compiled_queries import compiled_query
from catalog.contents import areas
from catalog.models import Countermeasure, Domain, FutureImage, Goal
from dxportal.public.get_or_404 import get_or_404
from dxportal.public.listings import group_by_heading, listed_appearances
from dxportal.public.prev_next import neighbours
from dxportal.public.tree import by_parent
from dxportal.public.years import chosen_year


def area_list(request: HttpRequest) -> HttpResponse:
    images, domains = by_parent(future_images(), "area"), by_parent(domains_with_goal_count(), "area")
    areas_with_rows = [(area, images[area.pk], domains[area.pk]) for area in areas()]
    return render(request, "public/area_list.html", {"areas": areas_with_rows})


@compiled_query
def future_images() -> QuerySet[FutureImage]:
    return FutureImage.objects.current().cited()


@compiled_query
def domains_with_goal_count() -> QuerySet[Domain]:
    return Domain.objects.current().annotate(goal_count=Count("goals")).order_by("position")


def area_detail(request: HttpRequest, code: str) -> HttpResponse:
    order = areas()
    area = get_or_404(area for area in order if area.code == code)
    goals_by_domain = by_parent(goals_of_area(area.pk), "domain")
    domains = [(domain, goals_by_domain[domain.pk]) for domain in domains_of(area.pk)]
    return render(
        request,
        "public/area_detail.html",
        {
            "area": area,
            "images": images_of(area.pk),
            "domains": domains,
            "contents": [(domain.name, f"domain-{domain.code}") for domain, _ in domains],
            **neighbours(area, order),
        },
    )


@compiled_query
def images_of(area: UUID) -> QuerySet[FutureImage]:
    return FutureImage.objects.filter(area=area).cited()


@compiled_query
def domains_of(area: UUID) -> QuerySet[Domain]:
    return Domain.objects.filter(area=area).cited()


@compiled_query
def goals_of_area(area: UUID) -> QuerySet[Goal]:
    return Goal.objects.filter(domain__area=area)


def domain_detail(request: HttpRequest, code: str) -> HttpResponse:
    order = domains_in_order()
    domain = get_or_404(domain for domain in order if domain.code == code)
    measures = by_parent(measures_of_domain(domain.pk), "goal")
    return render(
        request,
        "public/domain_detail.html",
        {
            "domain": domain,
            "goals": [(goal, measures[goal.pk]) for goal in goals_of(domain.pk)],
            **neighbours(domain, order),
        },
    )


@compiled_query
def domains_in_order() -> QuerySet[Domain]:
    return Domain.objects.current().select_related("area", "document").order_by("area__position", "position")


@compiled_query
def goals_of(domain: UUID) -> QuerySet[Goal]:
    return Goal.objects.filter(domain=domain).cited()


@compiled_query
def measures_of_domain(domain: UUID) -> QuerySet[Countermeasure]:
    return Countermeasure.objects.filter(goal__domain=domain).cited()


def goal_detail(request: HttpRequest, code: str) -> HttpResponse:
    goal = get_or_404(goals_with_code(code))
    years = read_years_of_goal(goal.pk)
    year = chosen_year(request, years.own_rows)
    measure = years.opening_measure(year.chosen)
    appearances = by_parent(listed_appearances(goal.pk, year.chosen, measure), "countermeasure")
    return render(
        request,
        "public/goal_detail.html",
        {
            "goal": goal,
            "year": year,
            "has_listings": bool(appearances),
            "countermeasures": [
                (measure, group_by_heading(appearances[measure.pk])) for measure in measures_of(goal.pk)
            ],
            **neighbours(goal, goals()),
        },
    )


@compiled_query
def goals_with_code(code: str) -> QuerySet[Goal]:
    return Goal.objects.current().select_related("domain__area", "document").filter(code=code)


@compiled_query
def measures_of(goal: UUID) -> QuerySet[Countermeasure]:
    return Countermeasure.objects.filter(goal=goal).cited()


@compiled_query
def goals() -> QuerySet[Goal]:
    return Goal.objects.current().in_printed_order()
