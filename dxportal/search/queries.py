"""Parsing of queries into folded words, phrases and exclusions; typed text never reaches a search engine's syntax."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dxportal.normalize import DASH, fold

MAX_QUERY_LENGTH = 200  # characters of a query
MAX_WORDS = 8
QUOTES = '"“”＂'
PIECE = re.compile(rf"(?P<minus>[-－−]?)(?:[{QUOTES}](?P<phrase>[^{QUOTES}]+)[{QUOTES}]|(?P<word>\S+))")


@dataclass(frozen=True)
class QueryWord:
    """A word or phrase, as typed (`text`) and as searched (`folded`)."""

    text: str
    folded: str
    is_phrase: bool = False


@dataclass(frozen=True)
class Query:
    """A parsed query: all `words` and none of `excluded`, or literally `whole`, the folded query.

    `dropped`: words beyond the limit, which are not searched.
    """

    text: str
    words: tuple[QueryWord, ...]
    excluded: tuple[QueryWord, ...]
    whole: str
    dropped: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Query:
        """Parse typed text; docs/adr/0013-search.md has the syntax."""
        pieces = [(is_exclusion(piece), piece) for piece in PIECE.finditer(text)]
        has_positive = any(not excludes and fold(piece[0]).text for excludes, piece in pieces)
        words: dict[str, QueryWord] = {}
        excluded: dict[str, QueryWord] = {}
        for excludes, piece in pieces:
            if excludes and has_positive:
                word = parse_word(piece["phrase"] or piece["word"], piece["phrase"] is not None)
                excluded.setdefault(word.folded, word)
            elif piece["phrase"] and not piece["minus"]:
                word = parse_word(piece["phrase"], is_phrase=True)
                words.setdefault(word.folded, word)
            else:
                word = parse_word(piece[0])
                words.setdefault(word.folded, word)
        words.pop("", None)
        whole = fold(text).text
        if whole and not words:  # quotation marks around nothing
            words[whole] = QueryWord(text.strip(), whole)
        searched = [*words.values()][:MAX_WORDS]
        dropped = tuple(word.text for word in [*words.values()][MAX_WORDS:] + [*excluded.values()][MAX_WORDS:])
        return cls(" ".join(text.split()), tuple(searched), tuple(excluded.values())[:MAX_WORDS], whole, dropped)

    @property
    def is_operator_free(self) -> bool:
        return not self.excluded and not any(word.is_phrase for word in self.words)

    def without(self, word: QueryWord) -> Query:
        """Return the query without a word, parsed anew."""
        rest = [other for other in self.words if other != word]
        typed = [f'"{other.text}"' if other.is_phrase else other.text for other in rest]
        return Query.parse(" ".join([*typed, *(f'-"{other.text}"' for other in self.excluded)]))


def is_exclusion(piece: re.Match[str]) -> bool:
    """Tell whether a piece is a minus followed by something other than dashes."""
    return bool(piece["minus"]) and bool(fold(piece["phrase"] or piece["word"]).text.strip(DASH))


def parse_word(text: str, is_phrase: bool = False) -> QueryWord:
    return QueryWord(text.strip(), fold(text).text, is_phrase)
