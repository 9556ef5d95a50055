"""CSV writer (RFC 4180), streamed in chunks: UTF-8 with a byte order mark for Excel, or CP932 for older programs."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice

from dxportal.cp932 import encode
from dxportal.tables.cell_values import Cell

CSV_ENCODINGS = ("utf-8", "cp932")
BYTE_ORDER_MARK = "\ufeff"
CSV_ROWS_PER_CHUNK = 1000  # rows per chunk of the response


def csv_chunks(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield the text of a CSV file in chunks, of which the first is the header; lines end in CR LF."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(header)
    rows = iter(rows)
    while chunk := buffer.getvalue():
        yield chunk
        buffer.seek(0)
        buffer.truncate()
        writer.writerows(islice(rows, CSV_ROWS_PER_CHUNK))


def utf8_chunks(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield the bytes of a CSV file in UTF-8, with the byte order mark by which Excel recognises it."""
    yield BYTE_ORDER_MARK.encode()
    for chunk in csv_chunks(header, rows):
        yield chunk.encode()


def cp932_chunks(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield the bytes of a CSV file in CP932 (the Shift_JIS of Windows); characters that it lacks are replaced."""
    return map(encode, csv_chunks(header, rows))
