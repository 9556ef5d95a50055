"""Invented documents and queries, and a plain scan that answers the queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models import Q
from hypothesis import strategies as st

from dxportal.search.index import Index, Limits
from dxportal.search.models import PostingRow, SearchDocument
from dxportal.search.site_index import site_index

# So small that a few documents fill several chunks, share rows and have long lists, and are too many to be all read.
SMALL = Limits(
    chunk_ids=5,
    shared_buckets=3,
    long_list_bytes=20,
    batch_documents=3,
    batch_rows=2,
    batch_keys=2,
    neighbours_at_once=2,
    rebuild_share=0,
    ngrams_per_lookup=2,
    short_lists_enough=1,
    verified_for_count=2,
    large_index=6,
    verified_for_count_in_large=1,
    enough_hits=2,
    spare_texts=1,
    texts_at_once=3,
)
KINDS = ("project", "goal")
FACETS = ("area 1", "area 2", "year 2021")

LETTERS = "あいうd"
LINES = st.text(LETTERS, min_size=1, max_size=8)
TEXTS = st.lists(LINES, max_size=3).map("\n".join)
WORDS = st.text(LETTERS, min_size=1, max_size=5)


def index_with(limits: Limits) -> Index:
    """The site's index with other limits, and a memory of its own, as in another process."""
    return Index(SearchDocument, PostingRow, site_index.documents.ngrams, limits)


def fill(index: Index, documents: Iterable[SearchDocument]) -> None:
    """Put documents in place of all that are there."""
    SearchDocument.objects.all().delete()
    index.rebuild([], list(documents))


@st.composite
def documents(draw: st.DrawFn, keys: st.SearchStrategy[int]) -> SearchDocument:
    title = draw(st.just("") | LINES)
    names = "\n".join(filter(None, [title, draw(TEXTS)]))
    return SearchDocument(
        row=UUID(int=draw(keys)),
        kind=draw(st.sampled_from(KINDS)),
        code=draw(st.just("") | WORDS),
        folded_title=title,
        folded_names=names,
        folded="\n".join(filter(None, [names, draw(TEXTS)])),
        folded_around=draw(TEXTS),
        facets="\n".join(sorted(draw(st.sets(st.sampled_from(FACETS))))),
        order=str(draw(st.integers(0, 9))),
    )


LOOKUPS = st.builds(
    lambda lookup, text: Q(**{lookup: text}),
    st.sampled_from(
        [
            *("folded__contains", "folded_names__contains", "folded_around__contains"),
            *("folded_title", "folded_title__startswith", "code"),
        ]
    ),
    WORDS,
)
CONDITIONS = st.recursive(
    LOOKUPS,
    lambda some: (
        some.map(lambda one: ~one)
        | st.builds(lambda one, other: one & other, some, some)
        | st.builds(lambda one, other: one | other, some, some)
    ),
    max_leaves=5,
)
FILTERS = st.dictionaries(
    st.sampled_from(["kind", "area", "year"]),
    st.lists(st.sampled_from(["project", "goal", "1", "2", "2021", "unknown"]), min_size=1, max_size=2),
    max_size=2,
)


def meets(document: SearchDocument, condition: Q) -> bool:
    parts = [
        meets(document, part) if isinstance(part, Q) else meets_lookup(document, *part) for part in condition.children
    ]
    return (any(parts) if condition.connector == Q.OR else all(parts)) != condition.negated


def meets_lookup(document: SearchDocument, lookup: str, text: str) -> bool:
    field, _, operator = lookup.partition("__")
    content = getattr(document, field)
    return {
        "contains": any(text in line for line in content.split("\n")),
        "startswith": content.startswith(text),
        "": content == text,
    }[operator]


def has(document: SearchDocument, facet: str, values: Iterable[str]) -> bool:
    lines = [f"kind {document.kind}", *document.facets.split("\n")]
    return any(f"{facet} {value}" in lines for value in values)


def scan(
    stored: Iterable[SearchDocument], condition: Q, tiers: Sequence[Q], filters: Mapping[str, Iterable[str]]
) -> list[SearchDocument]:
    """The hits in their order, by looking at each document."""
    found = [
        (tier_of(document, tiers), document.order, document.pk, document)
        for document in stored
        if meets(document, condition) and all(has(document, *chosen) for chosen in filters.items())
    ]
    return [document for *_, document in sorted(found, key=lambda one: one[:3])]


def tier_of(document: SearchDocument, tiers: Sequence[Q]) -> int:
    return next((place for place, tier in enumerate(tiers) if meets(document, tier)), len(tiers))
