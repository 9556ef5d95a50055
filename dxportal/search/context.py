"""What a search needs of the catalogue beside the index, kept in memory as long as nothing is published."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from catalog.models import Plan
from dxportal.changesets.current_plan import current_plan
from dxportal.search.labels import Labels, labels
from dxportal.search.synonyms import Terms, terms


@dataclass(frozen=True)
class SearchContext:
    """The labels of facets and their values, the terms, and the plan, which the page around the results names."""

    labels: Labels
    terms: Terms
    plan: Plan | None


@lru_cache(maxsize=1)
def context_at(version: bytes) -> SearchContext:
    """The context of a version of the index; five queries.

    Each publication and each preview gives the index another version, so that nobody else asks by that of a preview.
    What is published while this reads comes with another version too, by which the search is repeated.
    """
    return SearchContext(labels(), terms(), current_plan())
