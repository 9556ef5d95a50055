"""The strategy revision, as a table that can be filtered by mark and by heading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.models import Initiative, Passage, PolicyHeading, PolicyMeasure, RevisionMark, StrategySection
from dxportal.pages.trees import tree


@dataclass(frozen=True)
class Filters:
    """What may be asked for, what is asked for, and a value that was asked for and is not known."""

    headings: list[PolicyHeading]
    mark: str
    heading: str
    unknown: str
    marks: list[tuple[str, Any]]

    @property
    def chosen(self) -> bool:
        return bool(self.mark or self.heading)


def filters_of(request: HttpRequest) -> Filters:
    headings = list(PolicyHeading.objects.current().order_by("section__position", "position"))
    known = {"mark": set(RevisionMark.values), "heading": {heading.code for heading in headings}}
    asked = {name: request.GET.get(name, "") for name in known}
    taken = {name: value if value in known[name] else "" for name, value in asked.items()}
    unknown = next((value for name, value in asked.items() if value and not taken[name]), "")
    return Filters(headings, unknown=unknown[:20], marks=list(RevisionMark.choices), **taken)


def strategy(request: HttpRequest) -> HttpResponse:
    filters = filters_of(request)
    sections, count = shown_sections(filters)
    passages = Passage.objects.current().filter(document__in=StrategySection.objects.current().values("document"))
    return render(
        request,
        "pages/strategy.html",
        {
            "passages": tree(passages.cited()),
            "filters": filters,
            "sections": sections,
            "count": count,
            "contents": [(str(section), f"section-{section.code}") for section in sections],
        },
    )


def shown_sections(filters: Filters) -> tuple[list[StrategySection], int]:
    """Sections with the headings, measures and initiatives that the filters let through, and how many initiatives."""
    initiatives = Initiative.objects.cited()
    measures = PolicyMeasure.objects.all()
    headings = PolicyHeading.objects.cited()
    if filters.heading:
        headings = headings.filter(code=filters.heading)
    if filters.mark:
        marked = Q(revision_mark=filters.mark)
        initiatives = initiatives.filter(marked)
        measures = measures.filter(marked | Q(initiatives__in=initiatives)).distinct()
        headings = headings.filter(measures__in=measures).distinct()
    shown = Prefetch(
        "headings",
        headings.prefetch_related(
            Prefetch(
                "measures",
                measures.prefetch_related(Prefetch("initiatives", initiatives, to_attr="shown_initiatives")),
                to_attr="shown_measures",
            )
        ),
        to_attr="shown_headings",
    )
    sections: list[Any] = [
        section for section in StrategySection.objects.current().prefetch_related(shown) if section.shown_headings
    ]
    count = sum(
        len(measure.shown_initiatives)
        for section in sections
        for heading in section.shown_headings
        for measure in heading.shown_measures
    )
    return sections, count
