"""Facets of results: kind, area, department, year; each value with its count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from django.http import QueryDict
from django.utils.translation import gettext

from dxportal.search.counts import HitCount
from dxportal.search.index import Hits
from dxportal.search.labels import FACET_LABELS, FacetValueLabels


@dataclass(frozen=True)
class FacetValue:
    """A value of a facet with its count; `href` selects it or, if it is chosen, removes it."""

    code: str
    label: str
    count: HitCount
    is_chosen: bool
    href: str


@dataclass(frozen=True)
class Facet:
    name: str
    label: str
    values: list[FacetValue]

    @property
    def heading(self) -> str:
        return gettext("%(label)sで絞る") % {"label": self.label}

    @property
    def is_chosen(self) -> bool:
        return any(value.is_chosen for value in self.values)


class FacetLinks(Protocol):
    """Builder of the addresses that facet values link to."""

    def address(self, **changes: None) -> str:
        """Return the address with parameters removed (None)."""

    def addresses(self, name: str) -> Callable[[str], str]:
        """Return a function from a value of a parameter to the address that has it."""


class FacetSelection:
    """The facet values that a query string selects; unknown values are dropped and reported in `problems`."""

    def __init__(self, data: QueryDict, labels: FacetValueLabels) -> None:
        self.labels = labels
        self.problems: list[str] = []
        self.chosen: dict[str, list[str]] = {}
        for name in FACET_LABELS:
            label = FACET_LABELS[name]
            requested = list(dict.fromkeys(value.strip() for value in data.getlist(name) if value.strip()))
            self.problems += [
                gettext("「%(value)s」という%(label)sはありません。") % {"value": code[:20], "label": label}
                for code in requested
                if code not in labels[name]
            ]
            if known := [code for code in requested if code in labels[name]]:
                self.chosen[name] = known

    def facets(self, hits: Hits, links: FacetLinks) -> list[Facet]:
        """Return each facet with its values that have results or are chosen, counted with the other facets applied."""
        count = hits.facet_counter()
        return [Facet(name, str(FACET_LABELS[name]), list(self.values(name, count, links))) for name in self.labels]

    def values(
        self, name: str, count: Callable[[str, str], tuple[int, bool]], links: FacetLinks
    ) -> Iterator[FacetValue]:
        chosen = self.chosen.get(name, ())
        address_without, address_with = links.address(**{name: None}), links.addresses(name)
        for code, label in self.labels[name].items():
            hit_count = HitCount(*count(name, code))
            is_chosen = code in chosen
            if hit_count or not hit_count.is_exact or is_chosen:
                href = address_without if is_chosen else address_with(code)
                yield FacetValue(code, label, hit_count, is_chosen, href)
