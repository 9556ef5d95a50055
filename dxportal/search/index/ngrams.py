"""N-grams: the characters and pairs of characters under which a document is found.

A **key** of the index is a letter for the field and what stands in it: `t農業` for a text that holds 農業. Japanese has
no spaces to split words at; a text that holds a word holds all its pairs, whichever word it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import add
from typing import Any

BOUNDARY = "\n"  # between the parts of a field; no lookup holds it, so that nothing is found across two parts
LONGEST_TITLE = 100  # characters of a title that are compared as a whole

FACET, CODE, TITLE, TITLE_START = "f#=^"  # letters of keys that no text field may have
KIND = "kind"


@dataclass(frozen=True)
class NGrams:
    """The fields of a document that are looked up, and the keys that stand for them.

    Beside these every document has a `kind`, which is a facet, and `facets`: a line for each, name and value.
    """

    texts: Mapping[str, str]  # fields that are searched for parts (`contains`), each with its letter
    title: str  # a field that is compared as a whole (`exact`) and from its start (`startswith`) ...
    title_within: str  # ... and the text field that holds it too, whose n-grams narrow a start
    code: str  # a field that is compared as a whole

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields whose content decides the keys of a document beside its facets."""
        return (self.code, self.title, *self.texts)

    def keys_of(self, document: Mapping[str, Any]) -> Iterator[str]:
        """All keys of a document, given its fields."""
        for field, letter in self.texts.items():
            yield from map(letter.__add__, ngrams_of(document[field]))
        yield from title_keys(document[self.title])
        if code := document[self.code]:
            yield CODE + code
        yield facet_key(KIND, document["kind"])
        yield from (FACET + line for line in document["facets"].split(BOUNDARY) if line)

    def keys_for(self, lookup: str, text: str) -> tuple[list[str], list[str], bool]:
        """The keys that every document has which meets a lookup: one that is always looked up, and others of which
        some may be left out; and whether each document that has the first one meets it.
        """
        field, _, operator = lookup.partition("__")
        if field == self.code:
            return [CODE + text], [], True
        if field == self.title and operator == "startswith":
            letter = self.texts[self.title_within]
            return [TITLE_START + text[:2]], [letter + pair for pair in pairs_of(text)], len(text) <= 2
        if field == self.title:
            return [TITLE + text[:LONGEST_TITLE]], [], len(text) < LONGEST_TITLE
        letter = self.texts[field]
        if len(text) <= 2:
            return [letter + text], [], True
        return [], [letter + pair for pair in pairs_of(text)], False


def title_keys(title: str) -> set[str]:
    """How a title begins, and the whole title."""
    return {TITLE_START + title[:1], TITLE_START + title[:2], TITLE + title[:LONGEST_TITLE]} if title else set()


def facet_key(name: str, value: str) -> str:
    return f"{FACET}{name} {value}"


def ngrams_of(text: str) -> set[str]:
    """Each character and each pair of neighbouring characters in each part of a text."""
    found: set[str] = set()
    for part in text.split(BOUNDARY):
        found.update(part)
        found.update(map(add, part, part[1:]))
    return found


def pairs_of(text: str) -> list[str]:
    """The pairs of characters of a text of three or more; none for shorter ones, which are keys themselves."""
    return list(dict.fromkeys(map(add, text, text[1:]))) if len(text) > 2 else []
