"""Where two texts differ: what they begin and end with alike, and what stands between."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import takewhile

from catalog.hidden_characters import is_variation_selector


@dataclass(frozen=True)
class Marked:
    """`start + before + end` was the text, `start + after + end` is it now."""

    start: str
    before: str
    after: str
    end: str

    @property
    def is_close(self) -> bool:
        """Whether so much is alike that one text with its differences marked is easier to read than two."""
        return len(self.start) + len(self.end) >= len(self.before) + len(self.after)


def marked(before: str, after: str) -> Marked:
    start = common(before, after)
    while start and (is_torn(before, start) or is_torn(after, start)):
        start -= 1
    rest = common(before[start:][::-1], after[start:][::-1])
    while rest and (is_torn(before, len(before) - rest) or is_torn(after, len(after) - rest)):
        rest -= 1
    old, new = len(before) - rest, len(after) - rest
    return Marked(before[:start], before[start:old], after[start:new], before[old:])


def common(first: str, second: str) -> int:
    """How many characters both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def is_torn(text: str, at: int) -> bool:
    """Whether a cut would part what is read as one: a number, a word in Latin letters, a letter and its marks."""
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    if unicodedata.combining(right) or is_variation_selector(right):
        return True
    return all(one.isdigit() for one in (left, right)) or all(
        one.isascii() and (one.isalnum() or one in ".,") for one in (left, right)
    )
