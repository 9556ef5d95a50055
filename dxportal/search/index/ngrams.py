"""N-grams: single characters and bigrams, the index terms of a document.

A **key** of the index is a letter for the field, then the n-gram: `t農業` for a text that contains 農業. Japanese has
no spaces between words; a text that contains a word contains all bigrams of it, so no dictionary is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import add
from typing import Any

BOUNDARY = "\n"  # separates the parts of a field; no lookup contains it, so no match spans two parts
TITLE_KEY_LENGTH = 100  # characters of a title that are part of its key

FACET, CODE, TITLE, TITLE_START = "f#=^"  # reserved letters of keys; no text field may use them
KIND = "kind"


@dataclass(frozen=True)
class NGrams:
    """The indexed fields of a document, and their mapping to keys.

    Every document also has `kind`, which is a facet, and `facets`: a line `name value` for each.
    """

    texts: Mapping[str, str]  # fields for substring lookups (`contains`), each with its letter
    title: str  # the field for `exact` and `startswith` lookups ...
    title_within: str  # ... and the text field that contains it too, whose n-grams narrow `startswith`
    code: str  # a field for `exact` lookups

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields that determine the keys of a document, except its facets."""
        return (self.code, self.title, *self.texts)

    def keys_of(self, document: Mapping[str, Any]) -> Iterator[str]:
        """Yield all keys of a document, given its fields."""
        for field, letter in self.texts.items():
            yield from map(letter.__add__, ngrams_of(document[field]))
        yield from title_keys(document[self.title])
        if code := document[self.code]:
            yield CODE + code
        yield facet_key(KIND, document["kind"])
        yield from (FACET + line for line in document["facets"].split(BOUNDARY) if line)

    def keys_for(self, lookup: str, text: str) -> tuple[list[str], list[str], bool]:
        """Return the keys that every document meeting a lookup has: required ones, optional ones, and `is_exact`.

        Required keys are always looked up, optional ones may be left out. `is_exact`: every document that has the
        required key meets the lookup.
        """
        field, _, operator = lookup.partition("__")
        if field == self.code:
            return [CODE + text], [], True
        if field == self.title and operator == "startswith":
            letter = self.texts[self.title_within]
            return [TITLE_START + text[:2]], [letter + pair for pair in bigrams_of(text)], len(text) <= 2
        if field == self.title:
            return [TITLE + text[:TITLE_KEY_LENGTH]], [], len(text) < TITLE_KEY_LENGTH
        letter = self.texts[field]
        if len(text) <= 2:
            return [letter + text], [], True
        return [], [letter + pair for pair in bigrams_of(text)], False


def title_keys(title: str) -> set[str]:
    """Return the keys of a title: its first character, its first two, and the whole title."""
    return {TITLE_START + title[:1], TITLE_START + title[:2], TITLE + title[:TITLE_KEY_LENGTH]} if title else set()


def facet_key(name: str, value: str) -> str:
    return f"{FACET}{name} {value}"


def ngrams_of(text: str) -> set[str]:
    """Return all characters and bigrams of each part of a text."""
    ngrams: set[str] = set()
    for part in text.split(BOUNDARY):
        ngrams.update(part)
        ngrams.update(map(add, part, part[1:]))
    return ngrams


def bigrams_of(text: str) -> list[str]:
    """Return the bigrams of a text of three or more characters; none for shorter ones, which are n-grams themselves."""
    return list(dict.fromkeys(map(add, text, text[1:]))) if len(text) > 2 else []
