"""Other spellings of a word: any word of a term in it stands for the other words of that term."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise, product

from catalog.models import TermWord
from dxportal.normalize import fold_text
from dxportal.search.queries import Query, Word

MOST, PLACES = 16, 8  # spellings of a word; places in it where something is replaced
LATIN = re.compile(r"[0-9a-z]")

# For a folded word of a term the other words of it: folded, and as they are written.
Terms = Mapping[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Occurrence:
    """A word of a term within a longer word, with what it can be replaced by."""

    start: int
    stop: int
    others: tuple[tuple[str, str], ...]

    def is_within(self, other: Occurrence) -> bool:
        return other.start <= self.start and self.stop <= other.stop and self != other


def other_words(query: Query, terms: Terms) -> dict[Word, dict[str, str]]:
    """For each word of the query its other spellings, folded, with what was put in."""
    found = {word: {} if word.is_phrase else spellings(word.folded, terms) for word in query.words}
    return {word: others for word, others in found.items() if others}


def spellings(folded: str, terms: Terms) -> dict[str, str]:
    """At most MOST, those with one replacement first. Only what was typed is replaced, never what was put in."""
    found: dict[str, str] = {}
    places = occurrences(folded, terms)
    for count in range(1, len(places) + 1):
        for some in combinations(places, count):
            if any(before.stop > after.start for before, after in pairwise(some)):
                continue  # two that overlap
            for words in product(*(one.others for one in some)):
                spelling = replaced(folded, some, words)
                if spelling != folded:
                    found.setdefault(spelling, "、".join(text for _, text in words))
                if len(found) == MOST:
                    return found
    return found


def occurrences(folded: str, terms: Terms) -> list[Occurrence]:
    """In the order of the word; of those that lie in one another the longest, and at most PLACES of them."""
    found = [
        Occurrence(*match.span(), tuple(others))
        for old, others in terms.items()
        if old in folded
        for match in re.finditer(re.escape(old), folded)
        if stands_alone(folded, *match.span())
    ]
    longest = [one for one in found if not any(one.is_within(other) for other in found)]
    return sorted(longest, key=lambda one: (one.start, one.stop))[:PLACES]


def stands_alone(folded: str, start: int, stop: int) -> bool:
    """Whether a Latin word is one, and not a part of another: ＡＩ is not in "email"."""
    return not any(
        LATIN.match(inside) and LATIN.match(outside)
        for inside, outside in (
            (folded[start], folded[start - 1 : start]),
            (folded[stop - 1], folded[stop : stop + 1]),
        )
    )


def replaced(folded: str, places: Iterable[Occurrence], words: Iterable[tuple[str, str]]) -> str:
    spelling, start = "", 0
    for one, (new, _) in zip(places, words, strict=True):
        spelling += folded[start : one.start] + new
        start = one.stop
    return spelling + folded[start:]


def terms() -> Terms:
    """All terms, in their order; one query."""
    words: dict[object, list[tuple[str, str]]] = defaultdict(list)
    rows = TermWord.objects.order_by("term__position", "term__code", "position", "text")
    for term, text in rows.values_list("term", "text"):
        words[term].append((fold_text(text), text))
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for old, new, text in pairs(words.values()):
        found[old].append((new, text))
    return found


def pairs(terms: Iterable[list[tuple[str, str]]]) -> Iterator[tuple[str, str, str]]:
    """A word of a term, another one of it, and that one as it is written."""
    for words in terms:
        yield from ((old, new, text) for old, _ in words for new, text in words if old and new and old != new)
