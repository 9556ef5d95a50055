"""Translation of a query into conditions on index documents: which match, and in which tier they rank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import and_

from django.db.models import Q

from dxportal.search.models import SearchDocument
from dxportal.search.queries import Query, Word

Others = Mapping[Word, Iterable[str]]
NO_OTHERS: Others = {}
DIRECT_TIERS = 5  # tiers of documents that contain the typed words, before those with other spellings


def condition_for(query: Query, others: Others = NO_OTHERS) -> Q:
    """Build the condition for matching documents.

    Each word occurs in the document or its context, at least one in the document itself, and no excluded word; or the
    whole query occurs literally in the document; or it is the document's code. `others`: further spellings that count.
    """
    within = [any_of("folded__contains", spellings(word, others)) for word in query.words]
    condition = Q(*within, _connector=Q.OR)
    if len(within) > 1:
        for word, in_document in zip(query.words, within, strict=True):
            condition &= in_document | any_of("folded_around__contains", spellings(word, others))
    for word in query.excluded:
        condition &= ~Q(folded__contains=word.folded)
    if query.excluded or any(word.folded not in query.whole for word in query.words):
        condition |= Q(folded__contains=query.whole)  # in all other cases this follows from the words
    return condition | Q(code=query.whole)


def tiers_for(query: Query, others: Others = NO_OTHERS) -> list[Q]:
    """Build the conditions of the ranking tiers, best first, for documents that meet `condition_for`.

    Tiers: the query is the name or the code; the name begins with it; the names contain all words; the text does. These
    apply first to documents that contain the typed words, then to those with other spellings. Documents that meet no
    condition rank last.
    """
    wholes = [query.whole, *(spellings(query.words[0], others) if len(query.words) == 1 else ())]
    nearness = [
        any_of("folded_title", wholes) | Q(code=query.whole),
        any_of("folded_title__startswith", wholes),
        all_in("folded_names", query, others),
        all_in("folded", query, others),
    ]
    if not others:
        return nearness
    direct = condition_for(query)
    return [*(direct & near for near in nearness), direct, *nearness]


def holding(query: Query, paths: Iterable[str]) -> Q:
    """Build a condition on catalogue rows: each word occurs in the document of a row at the end of one of the paths."""
    condition = Q()
    for word in query.words:
        condition &= along(paths, word)
    for word in query.excluded:
        condition &= ~along(paths, word)
    return condition


def along(paths: Iterable[str], word: Word) -> Q:
    documents = SearchDocument.objects.holding(word.folded).order_by().values("pk")
    return Q(*((f"{path}__in", documents) for path in paths), _connector=Q.OR)


def all_in(column: str, query: Query, others: Others) -> Q:
    return reduce(and_, (any_of(f"{column}__contains", spellings(word, others)) for word in query.words))


def any_of(lookup: str, texts: Iterable[str]) -> Q:
    return Q(*((lookup, text) for text in dict.fromkeys(texts)), _connector=Q.OR)


def spellings(word: Word, others: Others) -> list[str]:
    return [word.folded, *others.get(word, ())]
