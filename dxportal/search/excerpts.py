"""Excerpts of results: pieces of the printed text with the matches highlighted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from dxportal.normalize import FoldedText, fold, fold_text
from dxportal.search.index.ngrams import BOUNDARY

LONGEST = 120  # characters of an excerpt
CONTEXT = 24  # characters before and after a match; fewer if several words match
CUT, NEXT = "…", " ／ "

Span = tuple[int, int]


class Piece(NamedTuple):
    """A stretch of text; `is_found`: it is a match."""

    text: str
    is_found: bool = False


class Line(NamedTuple):
    """A field as printed, and the spans of each folded word that occurs in it."""

    text: str
    spans: dict[str, list[Span]]

    @classmethod
    def of(cls, text: str, words: Sequence[str]) -> Line:
        """Locate `words`, all of which occur in the text."""
        if not words:
            return cls(text, {})
        folded = fold(text)
        return cls(text, {word: list(spans(folded, word)) for word in words})

    def pieces(self, start: int, stop: int) -> list[Piece]:
        """Return the text from `start` to `stop`, split at the matches."""
        divided: list[Piece] = []
        place = start
        for begin, end in merged(span for spans in self.spans.values() for span in spans):
            begin, end = max(begin, start), min(end, stop)
            if begin < end:
                end = begin + len(self.text[begin:end].rstrip())
                divided += [Piece(self.text[place:begin]), Piece(self.text[begin:end], is_found=True)]
                place = end
        return [piece for piece in [*divided, Piece(self.text[place:stop])] if piece.text]

    def windows(self, words: Iterable[str], context: int) -> list[Span]:
        """Return spans around the first match of each word, with `context` characters on both sides, merged."""
        first = [self.spans[word][0] for word in words]
        around = ((max(0, a - context), min(len(self.text), b + context)) for a, b in first)
        return [(start, min(stop, start + LONGEST)) for start, stop in merged(around)]


def marked(text: str, words: Iterable[str]) -> list[Piece]:
    """Return the whole text with the matches of the folded words."""
    return Line.of(text, those_in(fold_text(text), words)).pieces(0, len(text))


def excerpt(text: str, words: Iterable[str], folded: str = "") -> list[Piece]:
    """Return about LONGEST characters of a text of one or more fields: the first match of each word, or its beginning.

    `folded`: a stored folded text that ends with the same fields; saves folding them again.
    """
    left = dict.fromkeys(words)
    fields = text.split(BOUNDARY)
    there = folded.split(BOUNDARY)[-len(fields) :] if folded else map(fold_text, fields)
    found = [those_in(one, left) for one in there]
    count = len({*chain.from_iterable(found)})
    context = min(CONTEXT, max(CONTEXT // 3, LONGEST // (2 * count or 1) - 4))
    shown: list[Piece] = []
    for field, here in zip(fields, found, strict=True):
        if first := [word for word in here if word in left]:
            for word in first:
                del left[word]
            line = Line.of(field, here)
            shown += of_line(line, line.windows(first, context), shown)
    return shown or of_line(Line(fields[0], {}), [(0, min(LONGEST, len(fields[0])))], [])


def those_in(folded: str, words: Iterable[str]) -> list[str]:
    return [word for word in words if word in folded]


def of_line(line: Line, windows: list[Span], before: list[Piece]) -> list[Piece]:
    """Return the pieces of a line within the windows, with signs for omissions."""
    shown = [Piece(NEXT)] if before and windows else []
    end = 0
    for start, stop in windows:
        shown += [*([Piece(CUT)] if start > end else []), *line.pieces(start, stop)]
        end = stop
    return [*shown, Piece(CUT)] if windows and end < len(line.text) else shown


def spans(folded: FoldedText, word: str) -> Iterator[Span]:
    start = folded.text.find(word)
    while start >= 0:
        stop = start + len(word)
        yield folded.source_range(start, stop)
        start = folded.text.find(word, stop)


def merged(found: Iterable[Span]) -> list[Span]:
    """Sort spans and merge those that touch or overlap."""
    joined: list[Span] = []
    for start, stop in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        else:
            joined.append((start, stop))
    return joined
