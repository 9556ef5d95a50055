"""CSV: streamed in chunks, as UTF-8 with a byte order mark for Excel or as CP932 for older programs."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import BinaryIO

from django.utils.translation import gettext

from dxportal.exports.cells import Cell, file_value
from dxportal.exports.columns import Column, Row

ENCODINGS = ("utf-8", "cp932")
BYTE_ORDER_MARK = "\ufeff"
CHUNK = 500  # rows in one piece of the answer


class NotInEncodingError(Exception):
    """A character that the encoding cannot hold, with its row and column, as a sentence."""


def csv_pieces(columns: list[Column], rows: Iterable[Row], *, by_name: bool) -> Iterator[str]:
    """The text of a CSV file, in pieces of some hundred rows; lines end as RFC 4180 says."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([column.name if by_name else str(column.label) for column in columns])
    for number, row in enumerate(rows, 1):
        writer.writerow([file_value(column, row, by_name=by_name) for column in columns])
        if number % CHUNK == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def utf8_pieces(columns: list[Column], rows: Iterable[Row], *, by_name: bool) -> Iterator[bytes]:
    """The bytes of a CSV file; the mark at the beginning tells Excel that it is UTF-8."""
    yield BYTE_ORDER_MARK.encode()
    for piece in csv_pieces(columns, rows, by_name=by_name):
        yield piece.encode()


def write_cp932(file: BinaryIO, columns: list[Column], rows: Iterable[Row], *, by_name: bool) -> None:
    """Write a CSV in CP932 (Shift_JIS as Windows has it); raises NotInEncodingError, and replaces nothing."""
    for piece in csv_pieces(columns, checked(columns, rows, by_name=by_name), by_name=by_name):
        file.write(piece.encode("cp932"))


def checked(columns: list[Column], rows: Iterable[Row], *, by_name: bool) -> Iterator[Row]:
    """The rows, as long as CP932 can hold every cell of them."""
    for number, row in enumerate(rows, 2):
        for column in columns:
            check(file_value(column, row, by_name=by_name), number, column)
        yield row


def check(cell: Cell, number: int, column: Column) -> None:
    try:
        str(cell).encode("cp932")
    except UnicodeEncodeError as error:
        character = error.object[error.start]
        raise NotInEncodingError(
            gettext(
                "%(row)s行目の「%(column)s」にある「%(character)s」（U+%(code)s）は、CP932（シフトJIS）では書けません。"
                "UTF-8 のCSVかExcelをお使いください。"
            )
            % {
                "row": number,
                "column": column.label,
                "character": character,
                "code": f"{ord(character):04X}",
            }
        ) from error
