"""Excerpts of results: pieces of the printed text with the matches highlighted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from dxportal.normalize import FoldedText, fold, fold_text
from dxportal.search.index.ngrams import BOUNDARY

MAX_EXCERPT_LENGTH = 120  # characters of an excerpt
CONTEXT_LENGTH = 24  # characters before and after a match; fewer if several words match
ELLIPSIS, FIELD_SEPARATOR = "…", " ／ "

Span = tuple[int, int]


class Piece(NamedTuple):
    """A piece of text; `is_match`: it is a match."""

    text: str
    is_match: bool = False


class MatchedField(NamedTuple):
    """A field as printed, and the spans of each folded word that occurs in it."""

    text: str
    spans: dict[str, list[Span]]

    @classmethod
    def locate(cls, text: str, words: Sequence[str]) -> MatchedField:
        """Locate `words`, all of which occur in the text."""
        if not words:
            return cls(text, {})
        folded = fold(text)
        return cls(text, {word: list(find_spans(folded, word)) for word in words})

    def pieces(self, start: int, stop: int) -> list[Piece]:
        """Return the text from `start` to `stop`, split at the matches."""
        pieces: list[Piece] = []
        position = start
        for begin, end in merge_spans(chain.from_iterable(self.spans.values())):
            begin, end = max(begin, start), min(end, stop)
            if begin < end:
                end = begin + len(self.text[begin:end].rstrip())
                pieces += [Piece(self.text[position:begin]), Piece(self.text[begin:end], is_match=True)]
                position = end
        return [piece for piece in [*pieces, Piece(self.text[position:stop])] if piece.text]

    def windows(self, words: Iterable[str], context: int) -> list[Span]:
        """Return spans around the first match of each word, with `context` characters on both sides, merged."""
        first = [self.spans[word][0] for word in words]
        around = ((max(0, a - context), min(len(self.text), b + context)) for a, b in first)
        return [(start, min(stop, start + MAX_EXCERPT_LENGTH)) for start, stop in merge_spans(around)]


def highlight(text: str, words: Iterable[str]) -> list[Piece]:
    """Return the whole text with the matches of the folded words."""
    return MatchedField.locate(text, words_in(fold_text(text), words)).pieces(0, len(text))


def excerpt(text: str, words: Iterable[str], folded: str = "") -> list[Piece]:
    """Cut a text of one or more fields to about MAX_EXCERPT_LENGTH: the first match of each word, or its beginning.

    `folded`: a stored folded text that ends with the same fields; saves folding them again.
    """
    remaining = dict.fromkeys(words)
    fields = text.split(BOUNDARY)
    folded_fields = folded.split(BOUNDARY)[-len(fields) :] if folded else map(fold_text, fields)
    words_by_field = [words_in(folded_field, remaining) for folded_field in folded_fields]
    count = len({*chain.from_iterable(words_by_field)})
    context = min(CONTEXT_LENGTH, max(CONTEXT_LENGTH // 3, MAX_EXCERPT_LENGTH // (2 * count or 1) - 4))
    pieces: list[Piece] = []
    for field, field_words in zip(fields, words_by_field, strict=True):
        if first := [word for word in field_words if word in remaining]:
            for word in first:
                del remaining[word]
            matched = MatchedField.locate(field, field_words)
            pieces += cut_pieces(matched, matched.windows(first, context), pieces)
    return pieces or cut_pieces(MatchedField(fields[0], {}), [(0, min(MAX_EXCERPT_LENGTH, len(fields[0])))], [])


def words_in(folded: str, words: Iterable[str]) -> list[str]:
    return [word for word in words if word in folded]


def cut_pieces(field: MatchedField, windows: list[Span], before: list[Piece]) -> list[Piece]:
    """Return the pieces of a field within the windows, with signs for omissions."""
    pieces = [Piece(FIELD_SEPARATOR)] if before and windows else []
    end = 0
    for start, stop in windows:
        pieces += [*([Piece(ELLIPSIS)] if start > end else []), *field.pieces(start, stop)]
        end = stop
    return [*pieces, Piece(ELLIPSIS)] if windows and end < len(field.text) else pieces


def find_spans(folded: FoldedText, word: str) -> Iterator[Span]:
    start = folded.text.find(word)
    while start >= 0:
        stop = start + len(word)
        yield folded.source_range(start, stop)
        start = folded.text.find(word, stop)


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """Sort spans and merge those that touch or overlap."""
    merged: list[Span] = []
    for start, stop in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged
