"""Facets of results: kind, area, department, year; each value with its count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from django.http import QueryDict
from django.utils.translation import gettext

from dxportal.search.counts import Count
from dxportal.search.index import Hits
from dxportal.search.labels import LABELS, Labels


@dataclass(frozen=True)
class Value:
    """A value of a facet with its count; `href` selects it or, if it is chosen, removes it."""

    code: str
    label: str
    count: Count
    is_chosen: bool
    href: str


@dataclass(frozen=True)
class Facet:
    name: str
    label: str
    values: list[Value]

    @property
    def heading(self) -> str:
        return gettext("%(label)sで絞る") % {"label": self.label}

    @property
    def is_chosen(self) -> bool:
        return any(value.is_chosen for value in self.values)


class Links(Protocol):
    """Builder of the addresses that facet values link to."""

    def address(self, **changes: None) -> str:
        """Return the address with parameters removed (None)."""

    def addresses(self, name: str) -> Callable[[str], str]:
        """Return a function from a value of a parameter to the address that has it."""


class Narrowed:
    """The facet values that a query string selects; unknown values are dropped and reported in `problems`."""

    def __init__(self, data: QueryDict, known: Labels) -> None:
        self.known = known
        self.problems: list[str] = []
        self.chosen: dict[str, list[str]] = {}
        for name in LABELS:
            asked = [value.strip() for value in data.getlist(name) if value.strip()]
            there = [code for code in dict.fromkeys(asked) if code in known[name]]
            self.problems += [
                gettext("「%(value)s」という%(label)sはありません。") % {"value": code[:20], "label": LABELS[name]}
                for code in dict.fromkeys(asked)
                if code not in known[name]
            ]
            if there:
                self.chosen[name] = there

    def facets(self, hits: Hits, links: Links) -> list[Facet]:
        """Return each facet with its values that have results or are chosen, counted with the other facets applied."""
        count = hits.facet_counter()
        return [Facet(name, str(LABELS[name]), list(self.values(name, count, links))) for name in self.known]

    def values(self, name: str, count: Callable[[str, str], tuple[int, bool]], links: Links) -> Iterator[Value]:
        chosen, without, choosing = self.chosen.get(name, ()), links.address(**{name: None}), links.addresses(name)
        for code, label in self.known[name].items():
            here = Count(*count(name, code))
            is_chosen = code in chosen
            if here or not here.is_exact or is_chosen:
                yield Value(code, label, here, is_chosen, without if is_chosen else choosing(code))
