"""Areas, domains and goals."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from catalog.models import Area, Countermeasure, Domain, FutureImage, Goal
from dxportal.pages.listings import by_department, listed
from dxportal.pages.neighbours import neighbours
from dxportal.pages.years import chosen_year
from projects.models import Appearance


def area_list(request: HttpRequest) -> HttpResponse:
    domains = Prefetch("domains", Domain.objects.annotate(goal_count=Count("goals")).order_by("position"))
    images = Prefetch("future_images", FutureImage.objects.cited())
    areas = Area.objects.current().cited().prefetch_related(images, domains)
    return render(request, "pages/area_list.html", {"areas": areas})


def area_detail(request: HttpRequest, code: str) -> HttpResponse:
    images = Prefetch("future_images", FutureImage.objects.cited())
    domains = Prefetch("domains", Domain.objects.cited().prefetch_related("goals"))
    area = get_object_or_404(Area.objects.current().cited().prefetch_related(images, domains), code=code)
    return render(
        request,
        "pages/area_detail.html",
        {
            "area": area,
            "contents": [(domain.name, f"domain-{domain.code}") for domain in area.domains.all()],
            **neighbours(area, Area.objects.current()),
        },
    )


def domain_detail(request: HttpRequest, code: str) -> HttpResponse:
    measures = Prefetch("countermeasures", Countermeasure.objects.cited())
    goals = Prefetch("goals", Goal.objects.cited().prefetch_related(measures))
    domains = Domain.objects.current().select_related("area", "document").prefetch_related(goals)
    domain = get_object_or_404(domains, code=code)
    order = Domain.objects.current().order_by("area__position", "position")
    return render(request, "pages/domain_detail.html", {"domain": domain, **neighbours(domain, order)})


def goal_detail(request: HttpRequest, code: str) -> HttpResponse:
    goal = get_object_or_404(Goal.objects.current().select_related("domain__area", "document"), code=code)
    year = chosen_year(request)
    measures = list(goal.countermeasures.cited())
    appearances = Appearance.objects.current().for_year(year.chosen)
    rows = listed(appearances.filter(countermeasure__in=measures), appearances.exclude(countermeasure__in=measures))
    by_measure = defaultdict(list)
    for row in rows:
        by_measure[row.appearance.countermeasure_id].append(row)
    return render(
        request,
        "pages/goal_detail.html",
        {
            "goal": goal,
            "year": year,
            "countermeasures": [(measure, by_department(by_measure[measure.pk])) for measure in measures],
            **neighbours(goal, Goal.objects.current().in_printed_order()),
        },
    )
