"""Normalisation of text for search and comparison: width, case, kana, dashes and spaces are folded.

`fold` also returns the offset in the source text of each folded character. Folding is local to a grapheme (a character
with its combining marks): the folded pieces of a text cut between graphemes are the pieces of the folded text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

DASH = "-"
# In addition to Unicode's dash category: characters typed as dashes, and prolonged sound marks.
DASHES = frozenset("ー−～〜~⁓∼∿─━⁃˗")
INVISIBLE = frozenset("\u034f\u115f\u1160\u3164\u17b4\u17b5\u180b\u180c\u180d\u180f")
IDEOGRAPHS = range(0x4E00, 0xA000)  # fold to themselves; a shortcut past the general case
KATAKANA, TO_HIRAGANA = range(0x30A1, 0x30F7), 0x60
ITERATION_MARKS = range(0x30FD, 0x30FF)
CACHE_SIZE = 1 << 16  # characters
COMBINING_MARK = "\uffff"  # stands for a combining mark, which only the slow path can fold
VOICED_W = {"ヷ": "わ\u3099", "ヸ": "ゐ\u3099", "ヹ": "ゑ\u3099", "ヺ": "を\u3099"}


@dataclass(frozen=True)
class FoldedText:
    """Folded text; `origins[i]` is the source offset of the i-th folded character, the last one the source's length."""

    text: str
    origins: Sequence[int]

    def source_range(self, start: int, stop: int) -> tuple[int, int]:
        """Map the folded range from `start` to `stop` (start < stop) to a source range of whole graphemes."""
        end = stop
        while end < len(self.text) and self.origins[end] == self.origins[stop - 1]:
            end += 1
        return self.origins[start], self.origins[end]


class CharacterTable(dict[int, str]):
    """Table for `str.translate` that folds each character without combining marks; a mark becomes COMBINING_MARK.

    `length_changing` collects the characters that fold to none or to several.
    """

    def __init__(self) -> None:
        super().__init__()
        self.length_changing: set[str] = set()

    def __missing__(self, character: int) -> str:
        folded_character = chr(character) if character in IDEOGRAPHS else fold_character(chr(character))
        spelling = COMBINING_MARK if folded_character is None else folded_character
        if len(spelling) != 1:
            self.length_changing.add(chr(character))
        if len(self) < CACHE_SIZE:
            self[character] = spelling
        return spelling


CHARACTER_TABLE = CharacterTable()


def fold_text(text: str) -> str:
    """Fold a text without offsets; much faster than `fold` if there are no combining marks."""
    folded = text.translate(CHARACTER_TABLE)
    return fold(text).text if COMBINING_MARK in folded else folded


def fold(text: str) -> FoldedText:
    """Fold a text, with the source offsets of its characters."""
    folded = text.translate(CHARACTER_TABLE)
    if COMBINING_MARK in folded:
        parts = [(origin, fold_grapheme(grapheme)) for origin, grapheme in split_graphemes(text)]
    elif CHARACTER_TABLE.length_changing.isdisjoint(text):
        return FoldedText(folded, range(len(text) + 1))
    else:
        parts = [(origin, CHARACTER_TABLE[ord(character)]) for origin, character in enumerate(text)]
    origins = [origin for origin, spelling in parts for _ in spelling]
    return FoldedText("".join(spelling for _, spelling in parts), (*origins, len(text)))


@lru_cache(maxsize=CACHE_SIZE)
def fold_character(character: str) -> str | None:
    """Fold a character without combining marks; None for a combining mark."""
    if is_mark(decomposed(character)[:1] or character):
        return None
    return "".join(fold_grapheme(grapheme) for _, grapheme in split_graphemes(character))


def split_graphemes(text: str) -> Iterator[tuple[int, str]]:
    """Yield each grapheme of a text, decomposed and without invisible characters, with its offset."""
    start, grapheme = 0, ""
    for place, character in enumerate(text):
        for piece in decomposed(character):
            if grapheme and not is_mark(piece):
                yield start, grapheme
                grapheme = ""
            if not grapheme:
                start = place
            grapheme += piece
    if grapheme:
        yield start, grapheme


@lru_cache(maxsize=CACHE_SIZE)
def decomposed(character: str) -> str:
    """Decompose a character (NFKD) without invisible ones: `ｶ` → `カ`, `が` → `か` and its mark, `㈱` → `(株)`."""
    return "".join(piece for piece in unicodedata.normalize("NFKD", character) if is_visible(piece))


def is_visible(character: str) -> bool:
    if "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef":
        return False  # variation selectors
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"} and character not in INVISIBLE


@lru_cache(maxsize=CACHE_SIZE)
def is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


@lru_cache(maxsize=CACHE_SIZE)
def fold_grapheme(grapheme: str) -> str:
    """Fold a decomposed grapheme to a fixed point: folding the result again changes nothing."""
    spelling = "".join(map(canonical_character, unicodedata.normalize("NFC", grapheme).casefold()))
    again = "".join(piece for piece in unicodedata.normalize("NFKD", spelling) if is_visible(piece))
    return spelling if again == grapheme else fold_grapheme(again)


def canonical_character(character: str) -> str:
    if character in DASHES or unicodedata.category(character) == "Pd":
        return DASH
    if ord(character) in KATAKANA or ord(character) in ITERATION_MARKS:
        return chr(ord(character) - TO_HIRAGANA)
    return VOICED_W.get(character, character)
