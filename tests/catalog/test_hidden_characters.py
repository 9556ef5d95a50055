"""Hidden characters: classification, position, and refusal by every text of the catalogue."""

from __future__ import annotations

import unicodedata
from itertools import chain

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from catalog.hidden_characters import find_hidden, hidden_characters, normalize_line_breaks, replace_hidden
from catalog.models.base import Identified

pytestmark = pytest.mark.on_no_database

TABLES = [model for model in apps.get_models() if issubclass(model, Identified)]
TEXTS = [
    (model, field.name)
    for model in TABLES
    for field in model._meta.concrete_fields
    if isinstance(field, models.CharField | models.TextField)
]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "デジタル\u200b改革",
            "5文字目に、見えない文字か、ほかの人の画面では表示されない文字「ゼロ幅スペース」（U+200B）",
        ),
        ("\u202eabc", "1文字目に"),
        ("改革\u202e", "「右から左への上書き」（U+202E）"),
        ("ab\ufeff", "「バイト順マーク」（U+FEFF）"),
        ("a\xadb", "「ソフトハイフン」（U+00AD）"),
        ("a\x00", "「ヌル文字」（U+0000）"),
        ("a\x1b[0m", "2文字目"),
        ("a\rb", "「復帰」（U+000D）"),
        ("a\x05", "「制御文字」（U+0005）"),
        ("山\ue000", "「外字（私用領域の文字）」（U+E000）"),
        ("a\ud800", "「サロゲート」（U+D800）"),
        ("a\uffff", "「未定義の文字」（U+FFFF）"),
        ("a\u2061", "「FUNCTION APPLICATION」（U+2061）"),
        ("a\u3164", "「HANGUL FILLER」（U+3164）"),
        ("A\ufe00", "「異体字セレクター」（U+FE00）"),
        ("葛\U000e0100\U000e0101", "3文字目"),
        ("\U000e0100", "1文字目"),
    ],
)
def test_what_nobody_sees_is_told_with_its_name_and_place(text: str, told: str) -> None:
    found = str(find_hidden(text))
    assert told in found
    assert found.endswith("取り除いてください。")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "一行目\n二行目\t欄",
        "葛\U000e0100飾区",
        "神\ufe00社",
        "𠮷野家",
        "①²㍻㈱",
        "Ｗｉ－Ｆｉ",
        "か\u309a",
        "𝟒",
        "〜−‖",
        "☎",
        "½",
    ],
)
def test_what_is_seen_may_stand_in_a_text(text: str) -> None:
    assert find_hidden(text) is None
    assert replace_hidden(text) == text


def test_every_character_of_these_kinds_is_refused_and_no_other_letter() -> None:
    for number in chain(range(0x20000), range(0xE0000, 0xE0200)):
        character = chr(number)
        category = unicodedata.category(character)
        if category in {"Cc", "Cf", "Cs", "Co", "Cn"} and character not in "\n\t":
            assert find_hidden(character), hex(number)
        elif category[0] in "LNPS" and find_hidden(character):
            assert "FILLER" in unicodedata.name(character), hex(number)


@given(st.text(st.one_of(st.sampled_from("山a\u200b\ufe00\r\n\U000e0101\ue000"), st.characters())))
def test_what_is_replaced_is_what_is_refused(text: str) -> None:
    shown = replace_hidden(text)
    assert len(shown) == len(text)
    assert find_hidden(shown) is None
    places = {hidden.position for hidden in hidden_characters(text)}
    assert all(new == old or place in places for place, (old, new) in enumerate(zip(text, shown, strict=True), 1))


@given(st.text(st.sampled_from("a\r\n")))
def test_lines_end_with_a_line_feed_alone(text: str) -> None:
    assert "\r" not in normalize_line_breaks(text)
    assert normalize_line_breaks(text).split("\n") == text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


@pytest.mark.parametrize(("model", "name"), TEXTS, ids=lambda part: getattr(part, "__name__", part))
def test_no_text_of_the_catalogue_takes_them(model: type[Identified], name: str) -> None:
    row = model(**{name: "改革\u200bの"})
    with pytest.raises(ValidationError) as refused:
        row.clean_fields(exclude=[field.name for field in model._meta.concrete_fields if field.name != name])
    assert list(refused.value.message_dict) == [name]


def test_every_table_of_the_catalogue_is_under_the_rule() -> None:
    from dxportal.tracked_tables import CATALOGUE

    assert set(CATALOGUE) == set(TABLES)
