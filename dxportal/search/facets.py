"""What results can be narrowed by: kind, area, department, year, each value with how many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count
from django.http import QueryDict
from django.utils.translation import gettext, gettext_lazy

from budgets.totals import fiscal_years
from catalog.models import Area, Department
from dxportal.pages.templatetags.printed import fiscal_year
from dxportal.search.models import EntryFacet, EntryQuerySet, Kind, Narrowing

KIND = "kind"
LABELS: dict[str, Any] = {KIND: gettext_lazy("種類"), **{one.value: one.label for one in Narrowing}}


@dataclass(frozen=True)
class Value:
    """A value of a facet: how many results it has, and where it is chosen, or, if it is, left."""

    code: str
    label: str
    count: int
    is_chosen: bool
    href: str

    @property
    def words(self) -> str:
        return gettext("%(count)s件") % {"count": f"{self.count:,}"}


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


class Narrowed:
    """What an address narrows results by; values that there are not are told in `problems` and dropped."""

    def __init__(self, data: QueryDict) -> None:
        self.problems: list[str] = []
        self.chosen: dict[str, list[str]] = {}
        for name in LABELS:
            asked = [value.strip() for value in data.getlist(name) if value.strip()]
            known = [code for code in dict.fromkeys(asked) if code in self.known[name]]
            self.problems += [
                gettext("「%(value)s」という%(label)sはありません。") % {"value": code[:20], "label": LABELS[name]}
                for code in dict.fromkeys(asked)
                if code not in self.known[name]
            ]
            if known:
                self.chosen[name] = known

    @cached_property
    def known(self) -> dict[str, dict[str, str]]:
        """The codes and labels of every facet, in their order; three queries."""
        return {
            KIND: {kind.value: str(kind.label) for kind in Kind},
            Narrowing.AREA: {area.code: str(area) for area in Area.objects.current()},
            Narrowing.DEPARTMENT: {department.code: department.name for department in Department.objects.all()},
            Narrowing.YEAR: {str(year): fiscal_year(year) for year in fiscal_years()},
        }

    def of(self, entries: EntryQuerySet, leaving_out: str = "") -> EntryQuerySet:
        """The entries for which all that is chosen holds, except for one facet."""
        for name, codes in self.chosen.items():
            if name == leaving_out:
                continue
            entries = entries.filter(kind__in=codes) if name == KIND else entries.within(Narrowing(name), codes)
        return entries

    def counts(self, entries: EntryQuerySet) -> dict[str, dict[str, int]]:
        """By facet and code how many entries there are; one query, one for kinds, and one for each that is chosen."""
        found: dict[str, dict[str, int]] = defaultdict(dict)
        kinds = self.of(entries, KIND).order_by().values_list("kind").annotate(count=Count("pk"))
        found[KIND] = dict(kinds)
        chosen = [name for name in Narrowing.values if name in self.chosen]
        for names in [[name] for name in chosen] + [[name for name in Narrowing.values if name not in chosen]]:
            within = self.of(entries, names[0] if names and names[0] in chosen else "")
            facets = EntryFacet.objects.filter(name__in=names, entry__in=within.order_by().values("pk"))
            for name, code, count in facets.values_list("name", "code").annotate(count=Count("pk")):
                found[name][code] = count
        return found

    def count(self, counts: dict[str, dict[str, int]]) -> int:
        """How many entries hold all that is chosen, from the counts by kind."""
        kinds: Iterable[str] = self.chosen.get(KIND, counts[KIND])
        return sum(counts[KIND].get(kind, 0) for kind in kinds)

    def facets(self, counts: dict[str, dict[str, int]], address: Callable[..., str]) -> list[Facet]:
        """Each facet with its values that have results, or are chosen."""
        return [
            Facet(
                name,
                str(LABELS[name]),
                [
                    Value(
                        code,
                        label,
                        counts[name].get(code, 0),
                        code in self.chosen.get(name, ()),
                        address(**{name: None if code in self.chosen.get(name, ()) else code}),
                    )
                    for code, label in known.items()
                    if counts[name].get(code) or code in self.chosen.get(name, ())
                ],
            )
            for name, known in self.known.items()
        ]
