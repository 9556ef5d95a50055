"""Page of the strategy revision: a table that can be filtered by revision mark and policy heading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.compiled_queries import compiled_query
from catalog.models import Initiative, Passage, PolicyHeading, PolicyMeasure, RevisionMark, StrategySection
from catalog.models.plans import PassageQuerySet
from dxportal.public.tree import by_parent, tree

Measures = list[tuple[PolicyMeasure, list[Initiative]]]
Headings = list[tuple[PolicyHeading, Measures]]


@dataclass(frozen=True)
class Filters:
    """The filters of the page: choices, selected values ("" for none), and an unknown value that was requested."""

    headings: list[PolicyHeading]
    mark: str
    heading: str
    unknown: str
    marks: list[tuple[str, Any]]

    @property
    def chosen(self) -> bool:
        return bool(self.mark or self.heading)

    @property
    def shown_headings(self) -> list[PolicyHeading]:
        return [one for one in self.headings if self.heading in ("", one.code)]

    def marks_of(self, row: PolicyMeasure | Initiative) -> bool:
        """Tell whether a row passes the filter by revision mark."""
        return self.mark in ("", row.revision_mark)


def filters_of(request: HttpRequest) -> Filters:
    headings = headings_in_order()
    known = {"mark": set(RevisionMark.values), "heading": {heading.code for heading in headings}}
    asked = {name: request.GET.get(name, "") for name in known}
    taken = {name: value if value in known[name] else "" for name, value in asked.items()}
    unknown = next((value for name, value in asked.items() if value and not taken[name]), "")
    return Filters(headings, unknown=unknown[:20], marks=list(RevisionMark.choices), **taken)


def strategy(request: HttpRequest) -> HttpResponse:
    filters = filters_of(request)
    headings = by_parent(filters.shown_headings, "section")
    measures = shown_measures(filters)
    shown = [
        (section, [(one, measures[one.pk]) for one in headings[section.pk] if measures[one.pk] or not filters.mark])
        for section in sections_in_order()
    ]
    sections: list[tuple[StrategySection, Headings]] = [(section, own) for section, own in shown if own]
    return render(
        request,
        "public/strategy.html",
        {
            "passages": tree(introduction()),
            "filters": filters,
            "sections": sections,
            "count": sum(len(found) for _, own in sections for _, under in own for _, found in under),
            "contents": [(str(section), f"section-{section.code}") for section, _ in sections],
        },
    )


def shown_measures(filters: Filters) -> dict[Any, Measures]:
    """Map each heading to its measures that pass the filters, each with its initiatives that do."""
    initiatives = by_parent(filter(filters.marks_of, initiatives_in_order()), "measure")
    measures = by_parent(measures_in_order(), "heading")
    return {
        heading.pk: [
            (one, initiatives[one.pk]) for one in measures[heading.pk] if filters.marks_of(one) or initiatives[one.pk]
        ]
        for heading in filters.headings
    }


@compiled_query
def introduction() -> PassageQuerySet:
    """Select the prose of the documents that print the revision."""
    documents = StrategySection.objects.current().values("document")
    return Passage.objects.current().filter(document__in=documents).cited()


@compiled_query
def sections_in_order() -> QuerySet[StrategySection]:
    return StrategySection.objects.current()


@compiled_query
def headings_in_order() -> QuerySet[PolicyHeading]:
    return PolicyHeading.objects.current().cited().order_by("section__position", "position", "code")


@compiled_query
def measures_in_order() -> QuerySet[PolicyMeasure]:
    return PolicyMeasure.objects.current()


@compiled_query
def initiatives_in_order() -> QuerySet[Initiative]:
    return Initiative.objects.current().cited()
