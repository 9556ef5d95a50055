"""Synonym expansion: replace words of a term that occur in a query word by the other words of the term."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise, product

from catalog.models import TermWord
from dxportal.normalize import fold_text
from dxportal.search.queries import Query, Word

MOST, PLACES = 16, 8  # limits: spellings of a word; occurrences of terms in it
LATIN = re.compile(r"[0-9a-z]")

# Folded word of a term -> the other words of the term, each folded and as written.
Terms = Mapping[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Occurrence:
    """An occurrence of a term's word within a query word, with its replacements."""

    start: int
    stop: int
    others: tuple[tuple[str, str], ...]

    def is_within(self, other: Occurrence) -> bool:
        return other.start <= self.start and self.stop <= other.stop and self != other


def other_words(query: Query, terms: Terms) -> dict[Word, dict[str, str]]:
    """Map each word of the query that has synonyms to its other folded spellings, each with the words put in."""
    found = {word: {} if word.is_phrase else spellings(word.folded, terms) for word in query.words}
    return {word: others for word, others in found.items() if others}


def spellings(folded: str, terms: Terms) -> dict[str, str]:
    """Return at most MOST spellings, those with one replacement first. Replacements are not expanded again."""
    found: dict[str, str] = {}
    places = occurrences(folded, terms)
    for count in range(1, len(places) + 1):
        for some in combinations(places, count):
            if any(before.stop > after.start for before, after in pairwise(some)):
                continue  # overlapping occurrences
            for words in product(*(one.others for one in some)):
                spelling = replaced(folded, some, words)
                if spelling != folded:
                    found.setdefault(spelling, "、".join(text for _, text in words))
                if len(found) == MOST:
                    return found
    return found


def occurrences(folded: str, terms: Terms) -> list[Occurrence]:
    """Return at most PLACES occurrences by position; of nested ones the longest."""
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
    """Tell whether an occurrence does not begin or end within a Latin word: ＡＩ is not in "email"."""
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
    """Return all terms, in their order; one query."""
    words: dict[object, list[tuple[str, str]]] = defaultdict(list)
    rows = TermWord.objects.order_by("term__position", "term__code", "position", "text")
    for term, text in rows.values_list("term", "text"):
        words[term].append((fold_text(text), text))
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for old, new, text in pairs(words.values()):
        found[old].append((new, text))
    return found


def pairs(terms: Iterable[list[tuple[str, str]]]) -> Iterator[tuple[str, str, str]]:
    """Yield (word, other word, other word as written) for each pair of words of a term."""
    for words in terms:
        yield from ((old, new, text) for old, _ in words for new, text in words if old and new and old != new)
