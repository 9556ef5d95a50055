"""What an entry can be looked up by: each character and each two that stand together, in each of its columns.

A **key** is a letter for the column and what stands in it. Of a title it is kept how it begins, and what it is as a
whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import add

from dxportal.search.models import BOUNDARY

# Pairs of a long word that are looked up in texts, and in what is shorter: with more there is hardly an entry less.
ENOUGH, ENOUGH_IN_SHORT = 6, 3
PLENTY = 3  # pairs that few entries have, with which no others are looked up
LONGEST_TITLE = 100  # characters of one that is kept as a whole

TEXT, NAMES, AROUND, TITLE, START, CODE = "tna=^#"
COLUMNS = {"folded": TEXT, "folded_names": NAMES, "folded_around": AROUND}


def keys_of(code: str, title: str, texts: Iterable[str]) -> Iterator[str]:
    """All keys of an entry: of its code, its folded title, and its other folded columns, in the order of COLUMNS."""
    for letter, text in zip(COLUMNS.values(), texts, strict=True):
        yield from map(letter.__add__, grams_of(text))
    if title:
        yield from {START + title[:1], START + title[:2], TITLE + title[:LONGEST_TITLE]}
    if code:
        yield CODE + code


def grams_of(text: str) -> set[str]:
    """Each character of each field, and each two that stand together."""
    grams: set[str] = set()
    for field in text.split(BOUNDARY):
        grams.update(field)
        grams.update(map(add, field, field[1:]))
    return grams


def keys_for(lookup: str, text: str, long: Mapping[str, int]) -> tuple[list[str], bool]:
    """The keys that an entry has for which a lookup holds; whether it holds for each that has them all.

    `long`: the bytes of each list that has a row of its own.
    """
    column, _, how = lookup.partition("__")
    if column == "code":
        return [CODE + text], True
    if how == "contains":
        letter = COLUMNS[column]
        most = ENOUGH if letter == TEXT else ENOUGH_IN_SHORT
        return fewest(letter, grams_for(text), most, long), len(text) <= 2
    if how == "startswith":
        inside = fewest(NAMES, grams_for(text), ENOUGH_IN_SHORT, long) if len(text) > 2 else []
        return [START + text[:2], *inside], len(text) <= 2
    return [TITLE + text[:LONGEST_TITLE]], len(text) < LONGEST_TITLE


def grams_for(text: str) -> list[str]:
    """What stands in every text that holds this one: the character, or pairs."""
    if len(text) <= 2:
        return [text]
    return list(dict.fromkeys(text[place : place + 2] for place in range(len(text) - 1)))


def fewest(letter: str, grams: Iterable[str], most: int, long: Mapping[str, int]) -> list[str]:
    """Of the keys of these those that few entries have, all along the word; the shortest long lists where they are
    not enough.
    """
    keys = [letter + gram for gram in grams]
    short = [key for key in keys if key not in long]
    if len(short) < PLENTY:
        return sorted(keys, key=lambda key: long.get(key, 0))[: max(PLENTY, most - len(short))]
    step = max(1, len(short) / most)
    return [short[int(place * step)] for place in range(min(len(short), most))]
