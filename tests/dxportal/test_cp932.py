"""CP932: every text can be encoded, survives a round trip or is reported with its location."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxportal.cp932 import (
    ReplacedCharacters,
    decode_round_trip,
    describe_replacements,
    encode,
    is_encodable,
    replaced_characters,
)

pytestmark = pytest.mark.on_no_database

texts = st.text(
    st.one_of(st.sampled_from("あ亜aｱ①㍻𠮷⺬〜−\U000e0100か\u309a"), st.characters(exclude_categories=["Cs"]))
)


@given(texts)
def test_any_text_is_encoded_and_only_what_is_lacking_changes(text: str) -> None:
    assert encode(text).decode("cp932") == decode_round_trip(text)
    assert decode_round_trip(decode_round_trip(text)) == decode_round_trip(text)
    assert (decode_round_trip(text) == text) == is_encodable(text) == (not replaced_characters(text))
    assert decode_round_trip("".join(one for one in text if is_encodable(one))) == "".join(
        one for one in text if is_encodable(one)
    )


@given(st.lists(texts, max_size=30), st.integers(1, 7))
def test_every_place_is_counted_once_however_the_rows_are_cut(column: list[str], size: int) -> None:
    places = ReplacedCharacters()
    for start in range(0, len(column), size):
        places.scan("名", column[start : start + size], start + 2)
    found = [(row, "名", one) for row, text in enumerate(column, 2) for one in replaced_characters(text)]
    assert (places.count, places.occurrences) == (len(found), found[:20])
    assert bool(places.notes) == bool(found)


def test_a_sentence_names_ten_characters_at_most() -> None:
    assert describe_replacements(["亜", "あ"]) == ""
    told = describe_replacements([chr(number) for number in range(0x20000, 0x20020)])
    assert told.count("は〓になります") == 10
    assert told.endswith("など32字。")
