"""Folding: equivalent spellings fold to one text, and every part of a text is found in it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxportal.normalize import (
    CHARACTER_TABLE,
    IDEOGRAPHS,
    fold,
    fold_character,
    fold_grapheme,
    fold_text,
    split_graphemes,
)
from tests.examples import examples

pytestmark = pytest.mark.on_no_database

# Characters of Japanese texts, their typed variants, and hard cases of Unicode.
JAPANESE_CHARACTERS = "あがっゝゞアガッヽヾヷー漢字々ＤｘAz０9５G㈱①㌢ﾃﾞﾊﾟｶﾞｰ－‐−—–〜～~ 　İßﬁ각"
MARKS_AND_INVISIBLES = "\t\n\u200b\u3099\u309b\uff9e\u0301\ufe00"
CHARACTERS = st.one_of(st.sampled_from(JAPANESE_CHARACTERS + MARKS_AND_INVISIBLES), st.characters())
TEXTS = st.text(CHARACTERS, max_size=20)


@pytest.mark.parametrize(
    "spellings",
    [
        ("ｽﾏｰﾄ農業", "すまーと農業", "スマート農業", "スマ－ト　農 業", "スマ〜ト農業"),
        ("ＤＸ", "DX", "dx", "ｄＸ"),
        ("ｶﾞｲﾄﾞ", "ガイド", "がいど", "か゛いと゛", "カ\u3099イト\u3099"),
        ("第２期", "第2期", "第②期"),
        ("Ｗｉ－Ｆｉ", "wi-fi", "WI‐FI", "wi—fi", "wi−fi"),
        ("いすゞ", "イスヾ"),
        ("（株）", "㈱", "(株)"),
    ],
)
def test_these_are_one(spellings: tuple[str, ...]) -> None:
    assert len({fold(spelling).text for spelling in spellings}) == 1


@pytest.mark.parametrize("pair", ["かが", "はぱ", "つっ", "一ー", "ニ二", "l1"])
def test_these_are_not(pair: str) -> None:
    assert fold(pair[0]).text != fold(pair[1]).text


@examples(300)
@given(TEXTS | st.just("\uffff"))
def test_the_short_way_folds_as_the_long_one(text: str) -> None:
    assert fold_text(text) == fold(text).text


@examples(300)
@given(TEXTS)
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    folded = fold(text).text
    assert fold(folded).text == folded


@examples(300)
@given(TEXTS, st.data())
def test_a_part_of_a_text_is_found_in_it(text: str, data: st.DataObject) -> None:
    """Cut the text anywhere but between a character and its combining marks."""
    starts = [place for place in range(len(text)) if not begins_with_mark(text[place:])]
    start = data.draw(st.sampled_from([*starts, len(text)]))
    stop = data.draw(st.sampled_from([place for place in [*starts, len(text)] if place >= start]))
    assert fold(text[start:stop]).text in fold(text).text


@given(TEXTS, TEXTS)
def test_two_texts_fold_to_the_two_unless_a_mark_begins_the_second(first: str, second: str) -> None:
    if not begins_with_mark(second):
        assert fold(first + second).text == fold(first).text + fold(second).text


def begins_with_mark(text: str) -> bool:
    """Tell whether the first visible character is a combining mark."""
    pieces = (piece for character in text for piece in unicodedata.normalize("NFKD", character))
    seen = (piece for piece in pieces if unicodedata.category(piece)[0] != "Z" and fold(piece).text)
    return unicodedata.category(next(seen, "a")).startswith("M")


@given(TEXTS)
def test_every_folded_character_knows_where_it_begins(text: str) -> None:
    folded = fold(text)
    assert len(folded.origins) == len(folded.text) + 1
    assert folded.origins[-1] == len(text)
    assert list(folded.origins) == sorted(folded.origins)
    for place in range(len(folded.text)):
        start, stop = folded.source_range(place, place + 1)
        # One more, because some letters decompose to a mark on the preceding character (Thai ำ).
        assert folded.text[place] in fold(text[start : stop + 1]).text


def test_a_place_is_told_as_it_is_printed() -> None:
    text = "やまぐち ＤＸ（ﾃﾞｼﾞﾀﾙ）㈱の"
    folded = fold(text)
    for typed, printed in (("ｄｘ", "ＤＸ"), ("でじたる", "ﾃﾞｼﾞﾀﾙ"), ("株", "㈱")):
        start = folded.text.index(fold(typed).text)
        begin, end = folded.source_range(start, start + len(fold(typed).text))
        assert text[begin:end].strip() == printed


def test_what_nobody_sees_is_nothing() -> None:
    assert fold(" \u3000\t\n\0\u200b\ufeff\ud800\ufe0f").text == ""


@examples(500)
@given(st.text(max_size=12) | st.text(st.sampled_from("かがカﾞ゛\u3099\u0301éeß㈱ｶﾞ\u200b\u034fﬃー-"), max_size=12))
def test_characters_are_spelled_alone_as_within_their_graphemes(text: str) -> None:
    parts = [(origin, fold_grapheme(grapheme)) for origin, grapheme in split_graphemes(text)]
    assert fold(text).text == "".join(spelling for _, spelling in parts)
    assert list(fold(text).origins[:-1]) == [origin for origin, spelling in parts for _ in spelling]


def test_an_ideograph_is_spelled_as_it_is() -> None:
    assert [one for one in map(chr, IDEOGRAPHS) if fold_character(one) != one] == []
    assert "".join(CHARACTER_TABLE[place] for place in IDEOGRAPHS) == "".join(map(chr, IDEOGRAPHS))
