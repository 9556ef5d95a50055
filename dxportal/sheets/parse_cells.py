"""Parsers of a sheet's cells, based on `dxportal.typed_values`: a value is accepted if it is unambiguous.

Each function returns the value, or raises ExpectedError with a sentence that says what is expected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from catalog.hidden_characters import find_hidden
from catalog.normal_form import normalize_text
from dxportal.sheets.parsed_file import CellValue, DateFormattedNumber, cell_to_text, fold_cell
from dxportal.tables.cell_values import unescape_formula
from dxportal.typed_values import UnreadableError, parse_code, parse_fiscal_year, parse_signed_amount

NOT_STATED_WORD = "記載なし"
MAX_LISTED_WORDS = 12  # valid codes that a message lists
MAX_NOTE_LENGTH = 2000  # characters

Match = TypeVar("Match")


class ExpectedError(ValueError):
    """Raised, with a sentence that says what is expected, for a cell that cannot be parsed."""


class Cleared:
    """Type of `CLEARED`, the value of an amount or a reason set to 記載なし."""


CLEARED = Cleared()


def parse_amount_cell(value: CellValue) -> int | Cleared | None:
    """Parse an amount in thousand yen; return CLEARED for 記載なし, None for a blank, which changes nothing."""
    if isinstance(value, bool | DateFormattedNumber):
        raise ExpectedError("千円単位の整数を入れてください（例：45,586）。日付や TRUE・FALSE は金額にできません。")
    text = cell_to_text(value)
    if text == "":
        return None
    if text == NOT_STATED_WORD:
        return CLEARED
    try:
        return parse_signed_amount(text)
    except UnreadableError as error:
        raise ExpectedError(f"{error}額がないときは「{NOT_STATED_WORD}」と入れます。") from error


def parse_reason_cell(value: CellValue) -> str | Cleared:
    """Parse the reason for a change; return CLEARED for 記載なし."""
    return CLEARED if cell_to_text(value) == NOT_STATED_WORD else parse_text_cell(value)


def parse_year_cell(value: CellValue) -> int:
    """Parse a fiscal year: `2021`, `2021年度`, `令和３年度`, `R3`."""
    try:
        return parse_fiscal_year(cell_to_text(value))
    except UnreadableError as error:
        raise ExpectedError(str(error)) from error


def parse_code_cell(value: CellValue) -> str:
    """Parse a code in any width and case."""
    try:
        return parse_code(cell_to_text(value))
    except UnreadableError as error:
        raise ExpectedError(str(error)) from error


def parse_name(value: CellValue) -> str:
    """Return the name in a cell, with the escape against formula injection undone."""
    return normalize_text(unescape_formula(cell_to_text(value)))


def look_up_choice(value: CellValue, by_word: Mapping[str, Sequence[Match]], noun: str) -> Match:
    """Look up a code or name in `by_word`, whose keys are folded.

    The message lists the valid words if the word is unknown, and the candidates if it is ambiguous.
    """
    candidates = by_word.get(fold_cell(value), ())
    if not candidates:
        raise ExpectedError(f"{noun}は {list_words(by_word)} のどれかにしてください。")
    if len(candidates) > 1:
        codes = "と".join(f"「{row}」（コード {getattr(row, 'code', row)}）" for row in candidates)
        raise ExpectedError(
            f"{codes}のどれを指すのか分かりません。コードで入れるか、デジタル推進部門に名を改めてもらってください。"
        )
    return candidates[0]


def list_words(words: Iterable[str]) -> str:
    words = list(words)
    shown = "・".join(f"「{word}」" for word in words[:MAX_LISTED_WORDS])
    return f"{shown} など{len(words)}" if len(words) > MAX_LISTED_WORDS else shown


def parse_text_cell(value: CellValue, max_length: int = MAX_NOTE_LENGTH) -> str:
    """Parse a text: undo the escape against formula injection and widen half-width katakana.

    Refuses invisible characters and more than `max_length` characters.
    """
    if isinstance(value, DateFormattedNumber):
        raise ExpectedError(
            f"日付（{value.date_text}）として入っています。セルの書式を「文字列」にして、入れ直してください。"
        )
    written = parse_name(value)
    if hidden := find_hidden(written):
        raise ExpectedError(str(hidden))
    if len(written) > max_length:
        raise ExpectedError(f"{max_length:,}字までにしてください（{len(written):,}字あります）。")
    return written
