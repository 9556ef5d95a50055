"""Inline diff of two texts: common prefix, common suffix, and the parts between."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import takewhile

from catalog.hidden_characters import is_variation_selector


@dataclass(frozen=True)
class InlineDiff:
    """An inline diff: `start + before + end` is the old text, `start + after + end` the new one."""

    start: str
    before: str
    after: str
    end: str

    @property
    def is_close(self) -> bool:
        """Whether the common part is at least as long as the differing ones, so that one marked text reads easier."""
        return len(self.start) + len(self.end) >= len(self.before) + len(self.after)


def compute_inline_diff(before: str, after: str) -> InlineDiff:
    """Compute the inline diff, shortening prefix and suffix so that no number, word or character is split."""
    prefix = common_prefix_length(before, after)
    while prefix and (is_within_token(before, prefix) or is_within_token(after, prefix)):
        prefix -= 1
    suffix = common_prefix_length(before[prefix:][::-1], after[prefix:][::-1])
    while suffix and (is_within_token(before, len(before) - suffix) or is_within_token(after, len(after) - suffix)):
        suffix -= 1
    old, new = len(before) - suffix, len(after) - suffix
    return InlineDiff(before[:prefix], before[prefix:old], after[prefix:new], before[old:])


def common_prefix_length(first: str, second: str) -> int:
    """Return the length of the common prefix."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def is_within_token(text: str, at: int) -> bool:
    """Tell whether a cut at an index would split a number, a Latin word, or a character from its combining mark."""
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    if unicodedata.combining(right) or is_variation_selector(right):
        return True
    return all(character.isdigit() for character in (left, right)) or all(
        character.isascii() and (character.isalnum() or character in ".,") for character in (left, right)
    )
