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
REMEMBERED = 1 << 16  # characters
MARK = "\uffff"  # no character; a text that holds one is folded the long way
VOICED_W = {"ヷ": "わ\u3099", "ヸ": "ゐ\u3099", "ヹ": "ゑ\u3099", "ヺ": "を\u3099"}


@dataclass(frozen=True)
class Folded:
    """`origins[i]` is where in the printed text the i-th folded character begins; the last is where the text ends."""

    text: str
    origins: Sequence[int]

    def printed(self, start: int, stop: int) -> tuple[int, int]:
        """Where the folded characters from `start` up to `stop` stand in print, whole graphemes; start < stop."""
        end = stop
        while end < len(self.text) and self.origins[end] == self.origins[stop - 1]:
            end += 1
        return self.origins[start], self.origins[end]


class Alone(dict[int, str]):
    """For `str.translate`: how each character is spelled where no mark follows; a mark becomes MARK.

    `uneven`: the characters that become none, or several.
    """

    def __init__(self) -> None:
        super().__init__()
        self.uneven: set[str] = set()

    def __missing__(self, character: int) -> str:
        alone = chr(character) if character in IDEOGRAPHS else spelled_alone(chr(character))
        spelling = MARK if alone is None else alone
        if len(spelling) != 1:
            self.uneven.add(chr(character))
        if len(self) < REMEMBERED:
            self[character] = spelling
        return spelling


ALONE = Alone()


def spelling(text: str) -> str:
    """The text of `fold(text)`; much faster where no character has marks."""
    folded = text.translate(ALONE)
    return fold(text).text if MARK in folded else folded


def fold(text: str) -> Folded:
    """The text as it is searched in."""
    folded = text.translate(ALONE)
    if MARK in folded:
        parts = [(origin, spelled(grapheme)) for origin, grapheme in graphemes(text)]
    elif ALONE.uneven.isdisjoint(text):
        return Folded(folded, range(len(text) + 1))
    else:
        parts = [(origin, ALONE[ord(character)]) for origin, character in enumerate(text)]
    origins = [origin for origin, spelling in parts for _ in spelling]
    return Folded("".join(spelling for _, spelling in parts), (*origins, len(text)))


@lru_cache(maxsize=REMEMBERED)
def spelled_alone(character: str) -> str | None:
    """How a character is spelled wherever it stands, unless marks follow; None for a mark, which belongs to another."""
    if is_mark(decomposed(character)[:1] or character):
        return None
    return "".join(spelled(grapheme) for _, grapheme in graphemes(character))


def graphemes(text: str) -> Iterator[tuple[int, str]]:
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


@lru_cache(maxsize=REMEMBERED)
def decomposed(character: str) -> str:
    """`ｶ` → `カ`, `が` → `か` and its mark, `㈱` → `(株)`; nothing of what nobody sees."""
    return "".join(piece for piece in unicodedata.normalize("NFKD", character) if is_visible(piece))


def is_visible(character: str) -> bool:
    if "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef":
        return False  # which of several shapes of a character was printed
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"} and character not in INVISIBLE


@lru_cache(maxsize=REMEMBERED)
def is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


@lru_cache(maxsize=REMEMBERED)
def spelled(grapheme: str) -> str:
    """The one spelling of a decomposed grapheme; spelled again, it stays the same."""
    spelling = "".join(map(one_of_its_kind, unicodedata.normalize("NFC", grapheme).casefold()))
    again = "".join(piece for piece in unicodedata.normalize("NFKD", spelling) if is_visible(piece))
    return spelling if again == grapheme else spelled(again)


def one_of_its_kind(character: str) -> str:
    if character in DASHES or unicodedata.category(character) == "Pd":
        return DASH
    if ord(character) in KATAKANA or ord(character) in ITERATION_MARKS:
        return chr(ord(character) - TO_HIRAGANA)
    return VOICED_W.get(character, character)
