"""One spelling for what people read as the same: width, case, kana, dashes and spaces folded away.

`fold` keeps, for each character of the folded text, where it begins in the printed one. Only what stands in the same
grapheme (a character with its marks) has an influence on what a character becomes: a text cut between graphemes folds
to the pieces of the folded text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

DASH = "-"
# Beside all of Unicode's dashes: what is typed for them, and the marks that lengthen a vowel.
DASHES = frozenset("ー−～〜~⁓∼∿─━⁃˗")
INVISIBLE = frozenset("\u034f\u115f\u1160\u3164\u17b4\u17b5\u180b\u180c\u180d\u180f")
IDEOGRAPHS = range(0x4E00, 0xA000)  # each is spelled as it is; finding that out for each takes a moment
KATAKANA, TO_HIRAGANA = range(0x30A1, 0x30F7), 0x60
ITERATION_MARKS = range(0x30FD, 0x30FF)
CACHE_SIZE = 1 << 16  # characters
COMBINING_MARK = "\uffff"  # no character; a text that holds one is folded the long way
VOICED_W = {"ヷ": "わ\u3099", "ヸ": "ゐ\u3099", "ヹ": "ゑ\u3099", "ヺ": "を\u3099"}


@dataclass(frozen=True)
class FoldedText:
    """`origins[i]` is where in the printed text the i-th folded character begins; the last is where the text ends."""

    text: str
    origins: Sequence[int]

    def source_range(self, start: int, stop: int) -> tuple[int, int]:
        """Where the folded characters from `start` up to `stop` stand in print, whole graphemes; start < stop."""
        end = stop
        while end < len(self.text) and self.origins[end] == self.origins[stop - 1]:
            end += 1
        return self.origins[start], self.origins[end]


class CharacterTable(dict[int, str]):
    """For `str.translate`: how each character is spelled where no mark follows; a mark becomes MARK.

    `uneven`: the characters that become none, or several.
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
    """The text of `fold(text)`; much faster where no character has marks."""
    folded = text.translate(CHARACTER_TABLE)
    return fold(text).text if COMBINING_MARK in folded else folded


def fold(text: str) -> FoldedText:
    """The text as it is searched in."""
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
    """How a character is spelled wherever it stands, unless marks follow; None for a mark, which belongs to another."""
    if is_mark(decomposed(character)[:1] or character):
        return None
    return "".join(fold_grapheme(grapheme) for _, grapheme in split_graphemes(character))


def split_graphemes(text: str) -> Iterator[tuple[int, str]]:
    """Each visible character, decomposed, with the marks that follow it, and where it begins."""
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
    """`ｶ` → `カ`, `が` → `か` and its mark, `㈱` → `(株)`; nothing of what nobody sees."""
    return "".join(piece for piece in unicodedata.normalize("NFKD", character) if is_visible(piece))


def is_visible(character: str) -> bool:
    if "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef":
        return False  # which of several shapes of a character was printed
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"} and character not in INVISIBLE


@lru_cache(maxsize=CACHE_SIZE)
def is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


@lru_cache(maxsize=CACHE_SIZE)
def fold_grapheme(grapheme: str) -> str:
    """The one spelling of a decomposed grapheme; spelled again, it stays the same."""
    spelling = "".join(map(canonical_character, unicodedata.normalize("NFC", grapheme).casefold()))
    again = "".join(piece for piece in unicodedata.normalize("NFKD", spelling) if is_visible(piece))
    return spelling if again == grapheme else fold_grapheme(again)


def canonical_character(character: str) -> str:
    if character in DASHES or unicodedata.category(character) == "Pd":
        return DASH
    if ord(character) in KATAKANA or ord(character) in ITERATION_MARKS:
        return chr(ord(character) - TO_HIRAGANA)
    return VOICED_W.get(character, character)
