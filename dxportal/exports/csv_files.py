"""CSV: streamed in chunks, as UTF-8 with a byte order mark for Excel or as CP932 for older programs."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice

from dxportal.cp932 import encode
from dxportal.tables.cell_values import Cell

ENCODINGS = ("utf-8", "cp932")
BYTE_ORDER_MARK = "\ufeff"
CHUNK = 1000  # rows in one piece of the answer


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


def cp932_pieces(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The bytes of a CSV file in CP932 (Shift_JIS as Windows has it); what it lacks is replaced."""
    return map(encode, csv_pieces(header, rows))
