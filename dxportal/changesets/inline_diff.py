"""Inline diff of two texts: common prefix, common suffix, and the parts between."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import takewhile

from catalog.hidden_characters import is_variation_selector


@dataclass(frozen=True)
class Marked:
    """An inline diff: `start + before + end` is the old text, `start + after + end` the new one."""

    start: str
    before: str
    after: str
    end: str

    @property
    def is_close(self) -> bool:
        """Whether the common part is at least as long as the differing ones, so that one marked text reads easier."""
        return len(self.start) + len(self.end) >= len(self.before) + len(self.after)


def marked(before: str, after: str) -> Marked:
    """Compute the inline diff, shortening prefix and suffix so that no number, word or character is split."""
    start = common(before, after)
    while start and (is_torn(before, start) or is_torn(after, start)):
        start -= 1
    rest = common(before[start:][::-1], after[start:][::-1])
    while rest and (is_torn(before, len(before) - rest) or is_torn(after, len(after) - rest)):
        rest -= 1
    old, new = len(before) - rest, len(after) - rest
    return Marked(before[:start], before[start:old], after[start:new], before[old:])


def common(first: str, second: str) -> int:
    """Return the length of the common prefix."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def is_torn(text: str, at: int) -> bool:
    """Tell whether a cut at an index would split a number, a Latin word, or a character from its combining mark."""
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    if unicodedata.combining(right) or is_variation_selector(right):
        return True
    return all(one.isdigit() for one in (left, right)) or all(
        one.isascii() and (one.isalnum() or one in ".,") for one in (left, right)
    )
