"""Hidden characters: invisible, or displayed only on the author's machine. No text of the catalogue may hold them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

ALLOWED_CONTROLS = frozenset("\n\t")
CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks with Unicode's property Default_Ignorable_Code_Point, which fonts do not draw.
IGNORABLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
VARIATION_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
KANJI = ("CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH")
LINE_BREAK = re.compile(r"\r\n?")

CHARACTER_NAMES = {
    0x00: "ヌル文字",
    0x08: "後退",
    0x0B: "垂直タブ",
    0x0C: "改ページ",
    0x0D: "復帰",
    0x1B: "エスケープ",
    0x7F: "抹消",
    0x85: "改行（NEL）",
    0xAD: "ソフトハイフン",
    0x200B: "ゼロ幅スペース",
    0x200C: "ゼロ幅非接合子",
    0x200D: "ゼロ幅接合子",
    0x200E: "左から右への印",
    0x200F: "右から左への印",
    0x2028: "行区切り",
    0x2029: "段落区切り",
    0x202A: "左から右への埋め込み",
    0x202B: "右から左への埋め込み",
    0x202C: "向きの指定の終わり",
    0x202D: "左から右への上書き",
    0x202E: "右から左への上書き",
    0x2060: "単語結合子",
    0x2066: "左から右への分離",
    0x2067: "右から左への分離",
    0x2068: "向きを決めない分離",
    0x2069: "分離の終わり",
    0xFEFF: "バイト順マーク",
}
CATEGORY_NAMES = {
    "Cc": "制御文字",
    "Cf": "書式文字",
    "Cs": "サロゲート",
    "Co": "外字（私用領域の文字）",
    "Cn": "未定義の文字",
}


@dataclass(frozen=True)
class HiddenCharacter:
    """Hidden character in a text; `position` counts characters from 1."""

    position: int
    character: str

    @property
    def name(self) -> str:
        """Name of the character in Japanese, or else in Unicode."""
        if is_variation_selector(self.character):
            return "異体字セレクター"
        of_category = CATEGORY_NAMES.get(unicodedata.category(self.character), "")
        return CHARACTER_NAMES.get(ord(self.character)) or str(unicodedata.name(self.character, of_category))

    def __str__(self) -> str:
        return (
            f"{self.position}文字目に、見えない文字か、ほかの人の画面では表示されない文字"
            f"「{self.name}」（U+{ord(self.character):04X}）が入っています。取り除いてください。"
        )


def hidden_characters(text: str) -> Iterator[HiddenCharacter]:
    """Yield the hidden characters of a text in order."""
    if text.isascii() and text.isprintable():
        return
    before = ""
    for position, character in enumerate(text, 1):
        if is_hidden(character, before):
            yield HiddenCharacter(position, character)
        before = character


def find_hidden(text: str) -> HiddenCharacter | None:
    """Return the first hidden character of a text, or None."""
    return next(hidden_characters(text), None)


def is_hidden(character: str, before: str) -> bool:
    """Tell whether a character is hidden, given the one before it: a variation selector is allowed after a kanji."""
    if is_variation_selector(character):
        return not is_kanji(before)
    if character in ALLOWED_CONTROLS:
        return False
    return unicodedata.category(character) in CATEGORIES or character in IGNORABLE


def is_variation_selector(character: str) -> bool:
    return any(ord(character) in selectors for selectors in VARIATION_SELECTORS)


def is_kanji(character: str) -> bool:
    """Tell whether a character is a kanji; the empty string is none."""
    return bool(character) and unicodedata.name(character, "").startswith(KANJI)


def replace_hidden(text: str) -> str:
    """Replace each hidden character by U+FFFD, so that it can be seen."""
    hidden = {found.position for found in hidden_characters(text)}
    return "".join("\ufffd" if place in hidden else one for place, one in enumerate(text, 1)) if hidden else text


def normalize_line_breaks(text: str) -> str:
    """Convert CR LF and CR to LF."""
    return LINE_BREAK.sub("\n", text)
