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
class StrategyFilters:
    """The filters of the page: choices, selected values ("" for none), and an unknown value that was requested."""

    headings: list[PolicyHeading]
    mark: str
    heading: str
    unknown: str
    marks: list[tuple[str, Any]]

    @property
    def is_active(self) -> bool:
        return bool(self.mark or self.heading)

    @property
    def selected_headings(self) -> list[PolicyHeading]:
        return [heading for heading in self.headings if self.heading in ("", heading.code)]

    def has_selected_mark(self, row: PolicyMeasure | Initiative) -> bool:
        """Tell whether a row passes the filter by revision mark."""
        return self.mark in ("", row.revision_mark)


def read_filters(request: HttpRequest) -> StrategyFilters:
    headings = headings_in_order()
    valid = {"mark": set(RevisionMark.values), "heading": {heading.code for heading in headings}}
    requested = {name: request.GET.get(name, "") for name in valid}
    selected = {name: value if value in valid[name] else "" for name, value in requested.items()}
    unknown = next((value for name, value in requested.items() if value and not selected[name]), "")
    return StrategyFilters(headings, unknown=unknown[:20], marks=list(RevisionMark.choices), **selected)


def strategy(request: HttpRequest) -> HttpResponse:
    filters = read_filters(request)
    headings = by_parent(filters.selected_headings, "section")
    measures = measures_by_heading(filters)
    all_sections = [
        (
            section,
            [
                (heading, measures[heading.pk])
                for heading in headings[section.pk]
                if measures[heading.pk] or not filters.mark
            ],
        )
        for section in sections_in_order()
    ]
    sections: list[tuple[StrategySection, Headings]] = [entry for entry in all_sections if entry[1]]
    return render(
        request,
        "public/strategy.html",
        {
            "passages": tree(strategy_introduction()),
            "filters": filters,
            "sections": sections,
            "count": sum(
                len(initiatives)
                for _, headings_with_measures in sections
                for _, measures_with_initiatives in headings_with_measures
                for _, initiatives in measures_with_initiatives
            ),
            "contents": [(str(section), f"section-{section.code}") for section, _ in sections],
        },
    )


def measures_by_heading(filters: StrategyFilters) -> dict[Any, Measures]:
    """Map each heading to its measures that pass the filters, each with its initiatives that do."""
    initiatives = by_parent(filter(filters.has_selected_mark, initiatives_in_order()), "measure")
    measures = by_parent(measures_in_order(), "heading")
    return {
        heading.pk: [
            (measure, initiatives[measure.pk])
            for measure in measures[heading.pk]
            if filters.has_selected_mark(measure) or initiatives[measure.pk]
        ]
        for heading in filters.headings
    }


@compiled_query
def strategy_introduction() -> PassageQuerySet:
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
