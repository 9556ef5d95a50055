"""What a query means: which entries, and which of them first. Said once, and understood in three ways.

A **reading** understands `has(lookup, text)`, and what is made of that with `&`, `|` and `without`: `IN_TEXT` as a
condition for the database, `LIKE` over folded text, which is what counts; `Lists` (postings.py) as numbers of entries,
so that few texts have to be read, or none; `Texts` (texts.py) as those of some entries whose texts have been read.
Django escapes what `LIKE` would take for a wildcard.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import and_, or_
from typing import Any, Protocol

from django.db.models import Case, IntegerField, Q, Value, When

from dxportal.search.models import Entry, EntryQuerySet
from dxportal.search.queries import Query, Word

Others = Mapping[Word, Iterable[str]]
NO_OTHERS: Others = {}
RANKS = 5


class Reading(Protocol):
    """What it answers is its own: a condition, or the entries for which one holds."""

    def has(self, lookup: str, text: str) -> Any: ...

    def without(self, condition: Any, other: Any) -> Any: ...


class InText:
    def has(self, lookup: str, text: str) -> Q:
        return Q(**{lookup: text})

    def without(self, condition: Q, other: Q) -> Q:
        return condition & ~other


IN_TEXT = InText()


class Once:
    """A reading that is asked each thing once: a word stands in several of the conditions of a query."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.answers: dict[tuple[str, str], Any] = {}

    def has(self, lookup: str, text: str) -> Any:
        asked = lookup, text
        if asked not in self.answers:
            self.answers[asked] = self.reading.has(lookup, text)
        return self.answers[asked]

    def without(self, condition: Any, other: Any) -> Any:
        return self.reading.without(condition, other)


def matching(query: Query, others: Others = NO_OTHERS) -> EntryQuerySet:
    """The entries that a query means; `others`: further spellings of its words that count as well. Reads all texts."""
    return Entry.objects.filter(holds(query, others))


def ranked(query: Query, others: Others = NO_OTHERS) -> EntryQuerySet:
    """These entries, what a person most likely means first; `is_direct`: found without other spellings."""
    direct = Case(When(holds(query), then=Value(1)), default=Value(0), output_field=IntegerField())
    found = matching(query, others).annotate(is_direct=direct, rank=rank(query, others))
    return found.order_by("-is_direct", "rank", "order", "pk")


def holds(query: Query, others: Others = NO_OTHERS, reading: Reading = IN_TEXT) -> Any:
    """Each word in the entry or in what it stands under, one at least in the entry, no excluded one in it.

    Or else, in the entry, all that was typed, taken literally; or its code.
    """
    own = [any_of(reading, "folded__contains", spellings(word, others)) for word in query.words]
    condition = reduce(or_, own)
    if len(own) > 1:
        for word, in_entry in zip(query.words, own, strict=True):
            condition &= in_entry | any_of(reading, "folded_around__contains", spellings(word, others))
    for word in query.excluded:
        condition = reading.without(condition, reading.has("folded__contains", word.folded))
    if query.excluded or any(word.folded not in query.whole for word in query.words):
        condition |= reading.has("folded__contains", query.whole)  # else it holds the words, which is enough
    return condition | reading.has("code", query.whole)


def holding(query: Query, paths: Iterable[str]) -> Q:
    """For rows of the catalogue: each word stands in the entry of one of the rows that the paths lead to."""
    condition = Q()
    for word in query.words:
        condition &= found_along(paths, word)
    for word in query.excluded:
        condition &= ~found_along(paths, word)
    return condition


def found_along(paths: Iterable[str], word: Word) -> Q:
    entries = Entry.objects.holding(word.folded).order_by().values("pk")
    condition = Q()
    for path in paths:
        condition |= Q(**{f"{path}__in": entries})
    return condition


def rank(query: Query, others: Others) -> Case:
    """How near to the name the words stand, from 0 on."""
    conditions = nearness(query, others)
    cases = [When(condition, then=Value(place)) for place, condition in enumerate(conditions)]
    return Case(*cases, default=Value(len(conditions)), output_field=IntegerField())


def nearness(query: Query, others: Others, reading: Reading = IN_TEXT) -> list[Any]:
    """The words are the name, or the code; it begins with them; it has them; the text has them."""
    wholes = [query.whole, *(spellings(query.words[0], others) if len(query.words) == 1 else ())]
    return [
        any_of(reading, "folded_title", wholes) | reading.has("code", query.whole),
        any_of(reading, "folded_title__startswith", wholes),
        all_in(reading, "folded_names", query, others),
        all_in(reading, "folded", query, others),
    ]


def all_in(reading: Reading, column: str, query: Query, others: Others) -> Any:
    return reduce(and_, (any_of(reading, f"{column}__contains", spellings(word, others)) for word in query.words))


def any_of(reading: Reading, lookup: str, texts: Iterable[str]) -> Any:
    return reduce(or_, (reading.has(lookup, text) for text in dict.fromkeys(texts)))


def spellings(word: Word, others: Others) -> list[str]:
    return [word.folded, *others.get(word, ())]
