"""Excerpts: what was found is marked as it is printed, short, and never as HTML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxportal.normalize import fold
from dxportal.search.excerpts import MAX_EXCERPT_LENGTH, Piece, excerpt, highlight
from dxportal.search.index.ngrams import BOUNDARY
from dxportal.search.models import SearchDocument


def shown(pieces: list[Piece]) -> str:
    return "".join(f"[{piece.text}]" if piece.is_match else piece.text for piece in pieces)


def test_what_was_found_is_marked_as_printed() -> None:
    assert shown(highlight("やまぐち ＤＸ 推進事業", [fold("dx推進").text])) == "やまぐち [ＤＸ 推進]事業"
    assert shown(highlight("ㇷ゚ラン㈱", ["株"])) == "ㇷ゚ラン[㈱]"
    assert shown(highlight("農業と農業", ["農業", "業と"])) == "[農業と農業]"


def test_the_first_place_of_each_word_is_shown_with_its_context() -> None:
    text = f"{'あ' * 100}農業{'い' * 100}林業{'う' * 100}\n水産業のこと"
    found = shown(excerpt(text, ["林業", "農業", "水産業"]))
    assert found.startswith("…あ")
    assert "[農業]い" in found
    assert "い…い" in found
    assert found.endswith("う… ／ [水産業]のこと")


def test_where_no_word_is_found_the_text_begins() -> None:
    assert shown(excerpt("あ" * 200, ["農業"])) == "あ" * MAX_EXCERPT_LENGTH + "…"
    assert excerpt("", ["農業"]) == []


def test_nothing_is_found_across_two_fields() -> None:
    assert "[" not in shown(excerpt("農\n業", ["農業"]))


@given(st.text("農業林 ａA\n㈱ー", max_size=400), st.lists(st.text("農業林a-株", min_size=1, max_size=3), max_size=5))
def test_it_is_short_and_marks_only_what_was_asked(text: str, words: list[str]) -> None:
    pieces = excerpt(text, words)
    assert sum(len(piece.text) for piece in pieces) <= 2 * MAX_EXCERPT_LENGTH + 20
    for piece in pieces:
        assert not piece.is_match or any(word in fold(piece.text).text for word in words)
        assert piece.text in {"…", " ／ "} or piece.text in text or piece.text.removesuffix("…") in text
    if any(word in fold(line).text for word in words for line in text.split("\n")):
        assert any(piece.is_match for piece in pieces)


@pytest.mark.django_db
def test_the_folded_text_of_a_document_ends_with_its_fields() -> None:
    """So that an excerpt need not fold them again."""
    rows = list(SearchDocument.objects.values_list("text", "folded"))
    assert len(rows) > 500
    for text, folded in rows:
        fields = text.split(BOUNDARY)
        assert folded.split(BOUNDARY)[-len(fields) :] == [fold(field).text for field in fields]
        words = [fold(field).text[:2] for field in fields if field]
        assert excerpt(text, words, folded) == excerpt(text, words)
