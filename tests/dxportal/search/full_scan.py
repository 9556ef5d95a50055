"""Search by a full scan of documents in memory, by the rules of docs/adr/0013-search.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dxportal.search.matching import condition_for, tiers_for
from dxportal.search.models import SearchDocument
from dxportal.search.queries import Query, QueryWord
from dxportal.search.site_index import site_index

Others = Mapping[QueryWord, Iterable[str]]
NO_OTHERS: Others = {}


def search_index(query: Query, others: Others = NO_OTHERS) -> list[SearchDocument]:
    """Return the documents that the index finds, in its order."""
    ids = list(site_index.search(condition_for(query, others), tiers_for(query, others)))
    rows = {one.number: one for one in SearchDocument.objects.filter(number__in=ids)}
    return [rows[one] for one in ids]


def scan(query: Query, documents: Iterable[SearchDocument], others: Others = NO_OTHERS) -> list[SearchDocument]:
    """Return the documents that match a query, the most relevant first."""
    meant = [document for document in documents if matches(query, document, others)]
    return sorted(meant, key=lambda one: (not matches(query, one), rank(query, one, others), one.order, one.pk))


def matches(query: Query, document: SearchDocument, others: Others = NO_OTHERS) -> bool:
    fields, around = document.folded.split("\n"), document.folded_around.split("\n")
    if any(query.whole in field for field in fields) or query.whole == document.code:
        return True
    within = [holds(fields, spellings(word, others)) for word in query.words]
    above = [holds(around, spellings(word, others)) for word in query.words]
    if not any(within) or not all(one or other for one, other in zip(within, above, strict=True)):
        return False
    return not any(word.folded in field for word in query.excluded for field in fields)


def rank(query: Query, document: SearchDocument, others: Others) -> int:
    """Return the rank of a hit: 0 if the query is the name, more the further its words are from it."""
    wholes = [query.whole, *(spellings(query.words[0], others) if len(query.words) == 1 else ())]
    each = [spellings(word, others) for word in query.words]
    ranks = [
        document.folded_title in wholes or document.code == query.whole,
        any(document.folded_title.startswith(whole) for whole in wholes),
        all(holds(document.folded_names.split("\n"), texts) for texts in each),
        all(holds(document.folded.split("\n"), texts) for texts in each),
        True,
    ]
    return ranks.index(True)


def holds(fields: Iterable[str], texts: Iterable[str]) -> bool:
    return any(text in field for field in fields for text in texts)


def spellings(word: QueryWord, others: Others) -> list[str]:
    return [word.folded, *others.get(word, ())]
