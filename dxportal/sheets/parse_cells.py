"""Parsing the cells of a sheet with the one reader of typed values: read if there is one reading, else refused.

Each function returns the value, or raises ExpectedError with a sentence that says what is expected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from catalog.hidden_characters import find_hidden
from dxportal.sheets.cells import DateFormattedNumber, Value, folded, plain
from dxportal.tables.cell_values import as_written
from dxportal.typed_values import UnreadableError, parse_amount, parse_code, parse_fiscal_year, widen_katakana

NOT_STATED = "記載なし"
MOST_LISTED = 12  # valid codes that a sentence names
LONGEST_NOTE = 2000

Choice = TypeVar("Choice")


class ExpectedError(ValueError):
    """A cell that is not understood, as a sentence that says what is expected."""


class Cleared:
    """An amount that is no longer stated."""


CLEARED = Cleared()


def amount(value: Value) -> int | Cleared | None:
    """Thousand yen; CLEARED for 記載なし; None for a blank, which changes nothing."""
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
    """`2021`, `2021年度`, `令和３年度`, `R3`."""
    try:
        return parse_fiscal_year(plain(value))
    except UnreadableError as error:
        raise ExpectedError(str(error)) from error


def code(value: Value) -> str:
    """A code, typed in any width and case."""
    try:
        return parse_code(plain(value))
    except UnreadableError as error:
        raise ExpectedError(str(error)) from error


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
    written = widen_katakana(as_written(plain(value)))
    if hidden := find_hidden(written):
        raise ExpectedError(str(hidden))
    if len(written) > longest:
        raise ExpectedError(f"{longest:,}字までにしてください（{len(written):,}字あります）。")
    return written
