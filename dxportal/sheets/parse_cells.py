"""Parsers of a sheet's cells, based on `dxportal.typed_values`: a value is accepted if it is unambiguous.

Each function returns the value, or raises ExpectedError with a sentence that says what is expected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from catalog.hidden_characters import find_hidden
from dxportal.sheets.cells import DateFormattedNumber, Value, folded, plain
from dxportal.tables.cell_values import unescape_formula
from dxportal.typed_values import UnreadableError, parse_amount, parse_code, parse_fiscal_year, widen_katakana

NOT_STATED = "記載なし"
MOST_LISTED = 12  # valid codes that a message lists
LONGEST_NOTE = 2000  # characters

Choice = TypeVar("Choice")


class ExpectedError(ValueError):
    """Raised, with a sentence that says what is expected, for a cell that cannot be parsed."""


class Cleared:
    """Type of `CLEARED`, the value of an amount set to 記載なし."""


CLEARED = Cleared()


def amount(value: Value) -> int | Cleared | None:
    """Parse an amount in thousand yen; return CLEARED for 記載なし, None for a blank, which changes nothing."""
    if isinstance(value, bool | DateFormattedNumber):
        raise ExpectedError("千円単位の整数を入れてください（例：45,586）。日付や TRUE・FALSE は金額にできません。")
    text = plain(value)
    if text == "":
        return None
    if text == NOT_STATED:
        return CLEARED
    try:
        return parse_amount(text)
    except UnreadableError as error:
        raise ExpectedError(f"{error}額がないときは「{NOT_STATED}」と入れます。") from error


def fiscal_year(value: Value) -> int:
    """Parse a fiscal year: `2021`, `2021年度`, `令和３年度`, `R3`."""
    try:
        return parse_fiscal_year(plain(value))
    except UnreadableError as error:
        raise ExpectedError(str(error)) from error


def code(value: Value) -> str:
    """Parse a code in any width and case."""
    try:
        return parse_code(plain(value))
    except UnreadableError as error:
        raise ExpectedError(str(error)) from error


def choice(value: Value, by_word: Mapping[str, Sequence[Choice]], what: str) -> Choice:
    """Look up a code or name in `by_word`, whose keys are folded.

    The message lists the valid words if the word is unknown, and the candidates if it is ambiguous.
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


def listed(words: Iterable[str]) -> str:
    words = list(words)
    shown = "・".join(f"「{word}」" for word in words[:MOST_LISTED])
    return f"{shown} など{len(words)}" if len(words) > MOST_LISTED else shown


def text(value: Value, longest: int = LONGEST_NOTE) -> str:
    """Parse a text: undo the escape against formula injection and widen half-width katakana.

    Refuses invisible characters and more than `longest` characters.
    """
    if isinstance(value, DateFormattedNumber):
        raise ExpectedError(
            f"日付（{value.date_text}）として入っています。セルの書式を「文字列」にして、入れ直してください。"
        )
    written = widen_katakana(unescape_formula(plain(value)))
    if hidden := find_hidden(written):
        raise ExpectedError(str(hidden))
    if len(written) > longest:
        raise ExpectedError(f"{longest:,}字までにしてください（{len(written):,}字あります）。")
    return written
