"""Meaning of a query: words, phrases, exclusions, and never a search engine's syntax."""

from __future__ import annotations

from unicodedata import category, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxportal.normalize import fold
from dxportal.search.queries import MAX_WORDS, Query


def read(text: str) -> tuple[list[str], list[str]]:
    """The words and what is excluded; phrases in brackets."""
    query = Query.parse(text)
    return [f"[{word.folded}]" if word.is_phrase else word.folded for word in query.words], [
        word.folded for word in query.excluded
    ]


@pytest.mark.parametrize(
    ("text", "words", "excluded"),
    [
        ("子育て　相談", ["子育て", "相談"], []),
        ("DX ｄｘ ＤＸ", ["dx"], []),
        ('"子育て 相談"', ["[子育て相談]"], []),
        ("“子育て 相談” 農業", ["[子育て相談]", "農業"], []),
        ("農業 -ドローン", ["農業"], ["どろ-ん"]),
        ("－ドローン 農業 −林業", ["農業"], ["どろ-ん", "林業"]),
        ('農業 -"あ い"', ["農業"], ["あい"]),
        # literal
        ("-5G", ["-5g"], []),
        ("-5G -4G", ["-5g", "-4g"], []),
        ('-"a b"', ['-"ab"'], []),
        ("農業 -", ["農業", "-"], []),
        ("農業 －ー", ["農業", "--"], []),
        ("ー農業", ["-農業"], []),
        ('"農業', ['"農業'], []),
        ('5" 6"', ['5"', '6"'], []),
        ('""', ['""'], []),
        ("農業 OR 林業 NOT* (a) title:b %_\\ 'c'", ["農業", "or", "林業", "not*", "(a)", "title:b", "%_\\", "'c'"], []),
        ("　", [], []),
        ("\u200b \ud800", [], []),
    ],
)
def test_what_is_asked(text: str, words: list[str], excluded: list[str]) -> None:
    assert read(text) == (words, excluded)


def test_of_many_words_the_first_count_and_the_others_are_told() -> None:
    query = Query.parse("a b c d e f g h i j a")
    assert [word.folded for word in query.words] == list("abcdefgh")
    assert query.dropped == ("i", "j")


def test_operator_free_is_what_has_no_phrase_and_no_exclusion() -> None:
    assert [Query.parse(text).is_operator_free for text in ("農業 林業", "-5G", '"農業', '"農業"', "農業 -林業")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_a_query_without_a_word_keeps_the_rest() -> None:
    query = Query.parse('農業 "スマート 化" 林業 -水産')
    assert [query.without(word).text for word in query.words] == [
        '"スマート 化" 林業 -"水産"',
        '農業 林業 -"水産"',
        '農業 "スマート 化" -"水産"',
    ]
    assert [word.folded for word in query.without(query.words[0]).words] == ["すま-と化", "林業"]


@given(st.text(max_size=60))
def test_anything_can_be_read(text: str) -> None:
    query = Query.parse(text)
    assert query.whole == fold(text).text
    assert len(query.words) <= MAX_WORDS
    assert bool(query.words) == bool(query.whole)
    assert all(word.folded for word in (*query.words, *query.excluded))
    # A mark behind a space is a word of its own, and as a whole it belongs to the character before the space.
    has_marks = any(category(piece).startswith("M") for piece in normalize("NFKD", text))
    if query.is_operator_free and not query.dropped and not has_marks:
        assert all(word.folded in query.whole for word in query.words)
