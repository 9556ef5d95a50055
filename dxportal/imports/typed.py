"""What people type into cells: read where there is one way to read it, refused where it would be a guess.

Each function returns the value, or raises ExpectedError with a sentence that says what is expected.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from catalog.models.base import CODE, FISCAL_YEARS
from dxportal.exports.amounts import LARGEST
from dxportal.exports.cells import as_written
from dxportal.imports.cells import DateFormattedNumber, Value, folded, plain

NOT_STATED = "記載なし"
MOST_LISTED = 12  # valid codes that a sentence names
DIGITS = re.compile(r"(0|[1-9][0-9]*|[1-9][0-9]{0,2}(,[0-9]{3})+)(千円)?\Z")
ERA_YEAR = re.compile(r"(令和|平成|昭和|[rhs])\s*([0-9]{1,2}|元)\s*(年度?)?(\([12][0-9]{3}年度?\))?\Z")
WESTERN_YEAR = re.compile(r"([12][0-9]{3})\s*(年度?)?\Z")
ERAS = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988, "昭和": 1925, "s": 1925}
# Control characters, and those that turn the direction of what follows: nobody sees them.
UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\ufffe\uffff]"
)
HALF_WIDTH_KATAKANA = re.compile("[\uff61-\uff9f]+")
LONGEST_NOTE = 2000
LONGEST_CODE = 100

Choice = TypeVar("Choice")


class ExpectedError(Exception):
    """A cell that is not understood, as a sentence that says what is expected."""


class Cleared:
    """An amount that is no longer stated."""


CLEARED = Cleared()


def amount(value: Value) -> int | Cleared | None:
    """Thousand yen; CLEARED for 記載なし; None for a blank, which changes nothing."""
    if isinstance(value, bool | DateFormattedNumber):
        raise ExpectedError("千円単位の整数を入れてください（例：45,586）。日付や TRUE・FALSE は金額にできません。")
    text = "".join(folded(value).split())
    if text == "":
        return None
    if text == NOT_STATED:
        return CLEARED
    found = DIGITS.match(text)
    if not found:
        raise ExpectedError(
            "千円単位の整数を入れてください（例：45,586）。小数・負の数・△・かっこは使えません。"
            "額がないときは「記載なし」と入れます。"
        )
    number = int(found[1].replace(",", "")[:20])
    if number > LARGEST:
        raise ExpectedError("金額が大きすぎます。千円単位で入れているか確かめてください。")
    return number


def fiscal_year(value: Value) -> int:
    """`2021`, `2021年度`, `令和３年度`, `R3`."""
    text = folded(value)
    if not isinstance(value, bool) and (found := WESTERN_YEAR.match(text)):
        year = int(found[1])
    elif found := ERA_YEAR.match(text):
        year = ERAS[found[1]] + (1 if found[2] == "元" else int(found[2]))
    else:
        year = 0
    if not FISCAL_YEARS[0] <= year <= FISCAL_YEARS[1]:
        raise ExpectedError("年度を「2021」「令和３年度」「R3」のように入れてください。")
    return year


def choice(value: Value, by_word: Mapping[str, Sequence[Choice]], what: str) -> Choice:
    """The one of several that a word means: its code or its name (folded keys).

    Where it means none, those that there are stand in the sentence; where it may mean more than one, these do.
    """
    meant = by_word.get(folded(value), ())
    if not meant:
        raise ExpectedError(f"{what}は {listed(by_word)} のどれかにしてください。")
    if len(meant) > 1:
        codes = "と".join(f"「{row}」（コード {getattr(row, 'code', row)}）" for row in meant)
        raise ExpectedError(
            f"{codes}のどれを指すのか分かりません。コードで入れるか、デジタル推進部門に名を改めてもらってください。"
        )
    return meant[0]


def is_code(text: str) -> bool:
    """Whether a text has the form of a code."""
    return CODE.regex.match(text) is not None and len(text) <= LONGEST_CODE  # type: ignore[union-attr]  # compiled


def listed(words: Iterable[str]) -> str:
    words = list(words)
    shown = "・".join(f"「{word}」" for word in words[:MOST_LISTED])
    return f"{shown} など{len(words)}" if len(words) > MOST_LISTED else shown


def text(value: Value, longest: int = LONGEST_NOTE) -> str:
    """A text as it was before it was made inert for a file, half-width katakana widened.

    Refused where something is unseen or would be cut.
    """
    if isinstance(value, DateFormattedNumber):
        raise ExpectedError(
            f"日付（{value.date_text}）として入っています。セルの書式を「文字列」にして、入れ直してください。"
        )
    written = HALF_WIDTH_KATAKANA.sub(lambda found: unicodedata.normalize("NFKC", found[0]), as_written(plain(value)))
    written = unicodedata.normalize("NFC", written)
    if found := UNSEEN.search(written):
        raise ExpectedError(f"見えない文字（U+{ord(found[0]):04X}）が入っています。取り除いてください。")
    if len(written) > longest:
        raise ExpectedError(f"{longest:,}字までにしてください（{len(written):,}字あります）。")
    return written
