"""CSV: streamed in chunks, as UTF-8 with a byte order mark for Excel or as CP932 for older programs."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice
from typing import BinaryIO

from django.utils.translation import gettext

from dxportal.exports.cells import Cell

ENCODINGS = ("utf-8", "cp932")
BYTE_ORDER_MARK = "\ufeff"
CHUNK = 1000  # rows in one piece of the answer


class NotInEncodingError(Exception):
    """A character that the encoding cannot hold, with its row and column, as a sentence."""


def csv_pieces(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The text of a CSV file, in pieces of a thousand rows, the header first; lines end as RFC 4180 says."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(header)
    rows = iter(rows)
    while piece := buffer.getvalue():
        yield piece
        buffer.seek(0)
        buffer.truncate()
        writer.writerows(islice(rows, CHUNK))


def utf8_pieces(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The bytes of a CSV file; the mark at the beginning tells Excel that it is UTF-8."""
    yield BYTE_ORDER_MARK.encode()
    for piece in csv_pieces(header, rows):
        yield piece.encode()


def write_cp932(file: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a CSV in CP932 (Shift_JIS as Windows has it); raises NotInEncodingError, and replaces nothing."""
    for piece in csv_pieces(header, checked(header, rows)):
        file.write(piece.encode("cp932"))


def checked(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    """The rows, as long as CP932 can hold every cell of them."""
    for number, row in enumerate(rows, 2):
        if not is_kept("".join(map(str, row))):
            for label, cell in zip(header, row, strict=True):
                check(cell, number, label)
        yield row


def check(cell: Cell, number: int, label: str) -> None:
    text = str(cell)
    if not is_kept(text):
        character = next(one for one in text if not is_kept(one))
        raise NotInEncodingError(
            gettext(
                "%(row)s行目の「%(column)s」にある「%(character)s」（U+%(code)s）は、CP932（シフトJIS）では書けません。"
                "UTF-8 のCSVかExcelをお使いください。"
            )
            % {
                "row": number,
                "column": label,
                "character": character,
                "code": f"{ord(character):04X}",
            }
        )


def is_kept(text: str) -> bool:
    """Whether CP932 gives a text back as it was: the codec writes 〜 (U+301C) too, but what is read is ～ (U+FF5E)."""
    return text.encode("cp932", "ignore").decode("cp932") == text
