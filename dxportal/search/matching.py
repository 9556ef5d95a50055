"""The meaning of a query, as conditions on documents of the index: which are found, and which of them first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import and_

from django.db.models import Q

from dxportal.search.models import SearchDocument
from dxportal.search.queries import Query, Word

Others = Mapping[Word, Iterable[str]]
NO_OTHERS: Others = {}
DIRECT_TIERS = 5  # tiers of documents that hold what was typed, before those that hold other spellings of it


def condition_for(query: Query, others: Others = NO_OTHERS) -> Q:
    """Each word in the document or in what it stands under, one at least in the document, no excluded one in it; or
    else, in the document, all that was typed, taken literally; or its code.

    `others`: further spellings of words that count as well.
    """
    within = [any_of("folded__contains", spellings(word, others)) for word in query.words]
    condition = Q(*within, _connector=Q.OR)
    if len(within) > 1:
        for word, in_document in zip(query.words, within, strict=True):
            condition &= in_document | any_of("folded_around__contains", spellings(word, others))
    for word in query.excluded:
        condition &= ~Q(folded__contains=word.folded)
    if query.excluded or any(word.folded not in query.whole for word in query.words):
        condition |= Q(folded__contains=query.whole)  # else what holds it holds the words
    return condition | Q(code=query.whole)


def tiers_for(query: Query, others: Others = NO_OTHERS) -> list[Q]:
    """Conditions of the tiers of documents, best first, that `condition_for` finds; what meets none comes last.

    The words are the name, or the code; it begins with them; it has them; the text has them. First of all documents
    that hold what was typed, then of those that hold other spellings of it.
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
    """For rows of the catalogue: each word stands in the document of one of the rows that the paths lead to."""
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
