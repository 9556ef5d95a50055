"""Translation of a query into conditions on index documents: which match, and in which tier they rank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import and_

from django.db.models import Q

from dxportal.search.models import SearchDocument
from dxportal.search.queries import Query, QueryWord

OtherSpellings = Mapping[QueryWord, Iterable[str]]
NO_OTHER_SPELLINGS: OtherSpellings = {}
DIRECT_TIERS = 5  # tiers of documents that contain the typed words, before those with other spellings


def condition_for(query: Query, other_spellings: OtherSpellings = NO_OTHER_SPELLINGS) -> Q:
    """Build the condition for matching documents.

    Each word occurs in the document or its context, at least one in the document itself, and no excluded word; or the
    whole query occurs literally in the document; or it is the document's code. `other_spellings` of words count, too.
    """
    in_documents = [matches_any("folded__contains", list_spellings(word, other_spellings)) for word in query.words]
    condition = Q(*in_documents, _connector=Q.OR)
    if len(in_documents) > 1:
        for word, in_document in zip(query.words, in_documents, strict=True):
            condition &= in_document | matches_any("folded_around__contains", list_spellings(word, other_spellings))
    for word in query.excluded:
        condition &= ~Q(folded__contains=word.folded)
    if query.excluded or any(word.folded not in query.whole for word in query.words):
        condition |= Q(folded__contains=query.whole)  # in all other cases this follows from the words
    return condition | Q(code=query.whole)


def tiers_for(query: Query, other_spellings: OtherSpellings = NO_OTHER_SPELLINGS) -> list[Q]:
    """Build the conditions of the ranking tiers, best first, for documents that meet `condition_for`.

    Tiers: the query is the name or the code; the name begins with it; the names contain all words; the text does. These
    apply first to documents that contain the typed words, then to those with other spellings. Documents that meet no
    condition rank last.
    """
    whole_spellings = [query.whole, *(list_spellings(query.words[0], other_spellings) if len(query.words) == 1 else ())]
    conditions = [
        matches_any("folded_title", whole_spellings) | Q(code=query.whole),
        matches_any("folded_title__startswith", whole_spellings),
        contains_all_words("folded_names", query, other_spellings),
        contains_all_words("folded", query, other_spellings),
    ]
    if not other_spellings:
        return conditions
    direct = condition_for(query)
    return [*(direct & condition for condition in conditions), direct, *conditions]


def related_condition(query: Query, paths: Iterable[str]) -> Q:
    """Build a condition on catalogue rows: each word occurs in the document of a row at the end of one of the paths."""
    condition = Q()
    for word in query.words:
        condition &= related_to_any(paths, word)
    for word in query.excluded:
        condition &= ~related_to_any(paths, word)
    return condition


def related_to_any(paths: Iterable[str], word: QueryWord) -> Q:
    documents = SearchDocument.objects.containing(word.folded).order_by().values("pk")
    return Q(*((f"{path}__in", documents) for path in paths), _connector=Q.OR)


def contains_all_words(column: str, query: Query, other_spellings: OtherSpellings) -> Q:
    spellings = (list_spellings(word, other_spellings) for word in query.words)
    return reduce(and_, (matches_any(f"{column}__contains", texts) for texts in spellings))


def matches_any(lookup: str, texts: Iterable[str]) -> Q:
    return Q(*((lookup, text) for text in dict.fromkeys(texts)), _connector=Q.OR)


def list_spellings(word: QueryWord, other_spellings: OtherSpellings) -> list[str]:
    return [word.folded, *other_spellings.get(word, ())]
