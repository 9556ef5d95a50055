"""From a query to entries: the one seam for another index. Today `LIKE` over folded text, on every engine the same.

Django escapes what `LIKE` would take for a wildcard. A word of a query is never more than one literal text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_

from django.db.models import Case, IntegerField, Q, Value, When

from dxportal.search.models import Entry, EntryQuerySet
from dxportal.search.queries import Query, Word

Others = Mapping[Word, Iterable[str]]
NO_OTHERS: Others = {}


def matching(query: Query, others: Others = NO_OTHERS) -> EntryQuerySet:
    """The entries that a query means; `others`: further spellings of its words that count as well."""
    return Entry.objects.filter(holds(query, others))


def ranked(query: Query, others: Others = NO_OTHERS) -> EntryQuerySet:
    """These entries, what a person most likely means first; `is_direct`: found without other spellings."""
    direct = Case(When(holds(query), then=Value(1)), default=Value(0), output_field=IntegerField())
    found = matching(query, others).annotate(is_direct=direct, rank=rank(query, others))
    return found.order_by("-is_direct", "rank", "order", "pk")


def holds(query: Query, others: Others = NO_OTHERS) -> Q:
    """Each word in the entry or in what it stands under, one at least in the entry, no excluded one in it.

    Or else, in the entry, all that was typed, taken literally; or its code.
    """
    own = [any_of("folded__contains", spellings(word, others)) for word in query.words]
    around = [any_of("folded_around__contains", spellings(word, others)) for word in query.words]
    condition = Q()
    for in_entry, in_place in zip(own, around, strict=True):
        condition &= (in_entry | in_place) if len(own) > 1 else in_entry
    if len(own) > 1:
        condition &= reduce(or_, own)
    for word in query.excluded:
        condition &= ~Q(folded__contains=word.folded)
    return condition | Q(folded__contains=query.whole) | Q(code=query.whole)


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


def all_in(column: str, query: Query, others: Others) -> Q:
    condition = Q()
    for word in query.words:
        condition &= any_of(f"{column}__contains", spellings(word, others))
    return condition


def rank(query: Query, others: Others) -> Case:
    """How near to the name the words stand: it is them, begins with them, has them; in the text; around it."""
    wholes = [query.whole, *(spellings(query.words[0], others) if len(query.words) == 1 else ())]
    return Case(
        When(any_of("folded_title", wholes) | Q(code=query.whole), then=Value(0)),
        When(any_of("folded_title__startswith", wholes), then=Value(1)),
        When(all_in("folded_names", query, others), then=Value(2)),
        When(all_in("folded", query, others), then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )


def any_of(lookup: str, texts: Iterable[str]) -> Q:
    condition = Q()
    for text in texts:
        condition |= Q(**{lookup: text})
    return condition


def spellings(word: Word, others: Others) -> list[str]:
    return [word.folded, *others.get(word, ())]
