"""Synonym expansion: replace words of a term that occur in a query word by the other words of the term."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise, product

from catalog.models import TermWord
from dxportal.normalize import fold_text
from dxportal.search.queries import Query, QueryWord

MAX_SPELLINGS, MAX_OCCURRENCES = 16, 8  # limits: spellings of a word; occurrences of terms in it
LATIN = re.compile(r"[0-9a-z]")

# Folded word of a term -> the other words of the term, each folded and as written.
SynonymsByWord = Mapping[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Occurrence:
    """An occurrence of a term's word within a query word, with its replacements."""

    start: int
    stop: int
    synonyms: tuple[tuple[str, str], ...]

    def is_within(self, other: Occurrence) -> bool:
        return other.start <= self.start and self.stop <= other.stop and self != other


def expand_query(query: Query, terms: SynonymsByWord) -> dict[QueryWord, dict[str, str]]:
    """Map each word of the query that has synonyms to its other folded spellings, each with the words put in."""
    spellings = {word: {} if word.is_phrase else expand_word(word.folded, terms) for word in query.words}
    return {word: others for word, others in spellings.items() if others}


def expand_word(folded: str, terms: SynonymsByWord) -> dict[str, str]:
    """Return at most MAX_SPELLINGS spellings, those with one replacement first. Replacements are not expanded again."""
    spellings: dict[str, str] = {}
    occurrences = find_occurrences(folded, terms)
    for count in range(1, len(occurrences) + 1):
        for replaced in combinations(occurrences, count):
            if any(before.stop > after.start for before, after in pairwise(replaced)):
                continue  # overlapping occurrences
            for words in product(*(occurrence.synonyms for occurrence in replaced)):
                spelling = replace_occurrences(folded, replaced, words)
                if spelling != folded:
                    spellings.setdefault(spelling, "、".join(text for _, text in words))
                if len(spellings) == MAX_SPELLINGS:
                    return spellings
    return spellings


def find_occurrences(folded: str, terms: SynonymsByWord) -> list[Occurrence]:
    """Return at most MAX_OCCURRENCES occurrences by position; of nested ones the longest."""
    occurrences = [
        Occurrence(*match.span(), tuple(synonyms))
        for old, synonyms in terms.items()
        if old in folded
        for match in re.finditer(re.escape(old), folded)
        if is_whole_word(folded, *match.span())
    ]
    longest = [inner for inner in occurrences if not any(inner.is_within(outer) for outer in occurrences)]
    return sorted(longest, key=lambda occurrence: (occurrence.start, occurrence.stop))[:MAX_OCCURRENCES]


def is_whole_word(folded: str, start: int, stop: int) -> bool:
    """Tell whether an occurrence does not begin or end within a Latin word: ＡＩ is not in "email"."""
    return not any(
        LATIN.match(inside) and LATIN.match(outside)
        for inside, outside in (
            (folded[start], folded[start - 1 : start]),
            (folded[stop - 1], folded[stop : stop + 1]),
        )
    )


def replace_occurrences(folded: str, occurrences: Iterable[Occurrence], words: Iterable[tuple[str, str]]) -> str:
    spelling, start = "", 0
    for occurrence, (new, _) in zip(occurrences, words, strict=True):
        spelling += folded[start : occurrence.start] + new
        start = occurrence.stop
    return spelling + folded[start:]


def read_synonyms() -> SynonymsByWord:
    """Read the synonyms of every word of a term, in the order of the terms; one query."""
    words: dict[object, list[tuple[str, str]]] = defaultdict(list)
    rows = TermWord.objects.order_by("term__position", "term__code", "position", "text")
    for term, text in rows.values_list("term", "text"):
        words[term].append((fold_text(text), text))
    synonyms: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for old, new, text in synonym_pairs(words.values()):
        synonyms[old].append((new, text))
    return synonyms


def synonym_pairs(terms: Iterable[list[tuple[str, str]]]) -> Iterator[tuple[str, str, str]]:
    """Yield (word, other word, other word as written) for each pair of words of a term."""
    for words in terms:
        yield from ((old, new, text) for old, _ in words for new, text in words if old and new and old != new)
