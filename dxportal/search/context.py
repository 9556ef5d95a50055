"""Catalogue data that a search needs beside the index, cached in memory for one index version."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from catalog.models import Plan
from dxportal.changesets.current_plan import current_plan
from dxportal.search.labels import FacetValueLabels, read_value_labels
from dxportal.search.synonyms import SynonymsByWord, read_synonyms


@dataclass(frozen=True)
class SearchContext:
    """Labels of facets and their values, synonym terms, and the current plan, which the results page names."""

    labels: FacetValueLabels
    terms: SynonymsByWord
    plan: Plan | None


@lru_cache(maxsize=1)
def context_at(version: bytes) -> SearchContext:
    """Return the context of an index version; five queries, then cached.

    Every publication and every preview has an index version of its own, so no other request reads a preview's entry.
    If a publication commits while this reads, the version changes too and the search is repeated.
    """
    plan = current_plan()
    return SearchContext(read_value_labels(plan), read_synonyms(), plan)
