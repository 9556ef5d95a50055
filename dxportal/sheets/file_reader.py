"""Reader of uploaded files, XLSX or CSV: the only entry point to their parsers."""

from __future__ import annotations

import codecs
import csv
import logging
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice, pairwise
from typing import Any

from dxportal.sheets.package import damaged_file_error, too_many_cells_error
from dxportal.sheets.parsed_file import (
    CellRow,
    CellValue,
    ParsedFile,
    RefusedFileError,
    Worksheet,
    cell_to_text,
    fold_cell,
)
from dxportal.sheets.upload_limits import MAX_UPLOAD_COLUMNS, MAX_UPLOAD_ROWS, check_size, is_workbook
from dxportal.sheets.workbook import read_worksheets

HEADER_SEARCH_ROWS = 20  # rows searched for a header that is not in row 1
LABEL_COLUMNS = (1, 2, 3)
MAX_LABEL_ROWS = 500  # rows of the other sheets searched for labels

logger = logging.getLogger(__name__)


def read_file(data: bytes, key_headers: Sequence[str]) -> ParsedFile:
    """Read the table of a file: the worksheet whose first row contains one of `key_headers`.

    Raises RefusedFileError only, with a sentence that says what to do; every other error of a parser becomes one.
    """
    keys = {fold_cell(header) for header in key_headers}
    try:
        return read_workbook(data, keys) if is_workbook(data) else read_csv(data, keys)
    except RefusedFileError:
        raise
    except MemoryError as error:
        raise too_many_cells_error() from error
    except Exception as error:
        logger.info("An uploaded file is refused as damaged", exc_info=True)
        raise damaged_file_error() from error


# XLSX


def read_workbook(data: bytes, keys: set[str]) -> ParsedFile:
    worksheets = read_worksheets(data)
    filled = [sheet for sheet in worksheets if sheet.filled_rows]
    sheet = choose_worksheet(filled, keys)
    check_size(sheet)
    if sheet.has_merged_cells:
        raise RefusedFileError(
            f"シート「{sheet.title}」に結合されたセルがあります。結合を解いてから、選び直してください。"
        )
    metadata = dict(pair for each in filled if each is not sheet for pair in read_labels(each))
    notes = [] if sheet is filled[0] else [f"シート「{sheet.title}」を読みました。"]
    return make_parsed_file("xlsx", sheet.title, cell_rows(sheet), metadata, notes, worksheets)


def choose_worksheet(filled: list[Worksheet], keys: set[str]) -> Worksheet:
    """Return the only worksheet with the header; raise RefusedFileError if there is none or more than one."""
    if not filled:
        raise RefusedFileError("ファイルに値がありません。書き込んだシートを選び直してください。")
    holding = [sheet for sheet in filled if has_header(sheet.rows.get(1, {}).values(), keys)]
    if len(holding) > 1:
        names = "、".join(f"「{sheet.title}」" for sheet in holding)
        raise RefusedFileError(f"予算シートが{names}の複数あります。取り込むものだけを残してから、選び直してください。")
    if holding:
        return holding[0]
    for sheet in filled:
        for number in range(1, HEADER_SEARCH_ROWS + 1):
            if has_header(sheet.rows.get(number, {}).values(), keys):
                raise misplaced_header_error(number, sheet.title)
    raise missing_header_error("、".join(f"「{sheet.title}」" for sheet in filled[:5]))


def cell_rows(sheet: Worksheet) -> list[CellRow]:
    columns = range(1, sheet.last_column + 1)
    return [
        CellRow(
            number,
            tuple(map(sheet.rows[number].get, columns)),
            number in sheet.hidden_rows,
            frozenset(column - 1 for column in sheet.uncalculated.get(number, ())),
        )
        for number in sorted(sheet.rows)
    ]


def read_labels(sheet: Worksheet) -> Iterator[tuple[str, CellValue]]:
    """Yield (label, value) from the columns 項目 and 説明 of a worksheet; of format 1, from its first two columns."""
    for number, cells in sheet.rows.items():
        for label, value in pairwise(LABEL_COLUMNS):
            if number <= MAX_LABEL_ROWS and label in cells and value in cells:
                yield cell_to_text(cells[label]), cells[value]


# CSV


def read_csv(data: bytes, keys: set[str]) -> ParsedFile:
    text, notes = decode_csv(data)
    rows = csv_rows(text)
    try:
        head = list(islice(rows, HEADER_SEARCH_ROWS))
        if not head:
            raise RefusedFileError("ファイルに値がありません。書き込んだシートを選び直してください。")
        check_csv_header(head, text, keys)
        rows_read = [*head, *islice(rows, MAX_UPLOAD_ROWS + 2 - len(head))]
    except csv.Error as error:
        raise RefusedFileError(
            'CSVとして読めません。引用符（"）が閉じているか確かめるか、Excelブック（.xlsx）で保存してください。'
        ) from error
    if len(rows_read) > MAX_UPLOAD_ROWS + 1:
        raise RefusedFileError(f"一度に読めるのは{MAX_UPLOAD_ROWS:,}行までです。部局ごとに分けてください。")
    cells: dict[int, dict[int, CellValue]] = {
        row.number: {column: cell for column, cell in enumerate(row.cells, 1) if cell} for row in rows_read
    }
    return make_parsed_file("csv", "", rows_read, {}, notes, [Worksheet(rows=cells)])


def csv_rows(text: str) -> Iterator[CellRow]:
    """Yield the non-empty rows."""
    for number, cells in enumerate(csv.reader(StringIO(text, newline=""), strict=True), 1):
        if any(map(str.strip, cells)):
            if len(cells) > MAX_UPLOAD_COLUMNS:
                raise RefusedFileError(f"列が多すぎます。読めるのは{MAX_UPLOAD_COLUMNS}列までです。")
            yield CellRow(number, tuple(cells))


def check_csv_header(head: list[CellRow], text: str, keys: set[str]) -> None:
    if has_header(head[0].cells, keys):
        return
    if "\t" in text.partition("\n")[0]:
        raise RefusedFileError(
            "タブで区切られたファイルです。「CSV UTF-8（コンマ区切り）」で保存してから選び直してください。"
        )
    for row in head:
        if has_header(row.cells, keys):
            raise misplaced_header_error(row.number, "CSV")
    raise missing_header_error("CSV")


def decode_csv(data: bytes) -> tuple[str, list[str]]:
    """Decode a CSV file, as UTF-8 or else CP932; return its text and notes for the sender."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise RefusedFileError(
            "文字コードが UTF-16 のファイルです。「CSV UTF-8（コンマ区切り）」で保存してから選び直してください。"
        )
    if b"\0" in data:
        raise RefusedFileError(
            "ExcelブックでもCSVでもないファイルです。受け取ったシートを、Excelブック（.xlsx）のまま保存してください。"
        )
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp932"), ["文字コードをシフトJIS（CP932）として読みました。"]
    except UnicodeDecodeError as error:
        raise RefusedFileError(
            "文字コードを読み取れません。「CSV UTF-8（コンマ区切り）」かExcelブックで保存してから選び直してください。"
        ) from error


# Both


def make_parsed_file(
    kind: str,
    sheet: str,
    rows: list[CellRow],
    metadata: dict[str, Any],
    notes: list[str],
    worksheets: list[Worksheet],
) -> ParsedFile:
    """Build the result from rows that include the header: drop empty rows, pad short ones."""
    header = next(row for row in rows if any(map(cell_to_text, row.cells)))
    width = len(header.cells)
    below = [
        CellRow(row.number, (*row.cells, *[None] * (width - len(row.cells))), row.is_hidden, row.uncalculated)
        for row in rows
        if row.number > header.number and (row.uncalculated or any(map(cell_to_text, row.cells)))
    ]
    return ParsedFile(kind, sheet, tuple(map(cell_to_text, header.cells)), below, metadata, notes, worksheets)


def has_header(cells: Iterable[CellValue], keys: set[str]) -> bool:
    """Tell whether cells hold one of the keys; a row of the data dictionary, which is no header, holds all of them."""
    return len(keys.intersection(map(fold_cell, cells))) == 1


def misplaced_header_error(number: int, where: str) -> RefusedFileError:
    return RefusedFileError(
        f"「{where}」の列の名が{number}行目にあります。その上の行を消して、列の名を1行目にしてから選び直してください。"
    )


def missing_header_error(where: str) -> RefusedFileError:
    return RefusedFileError(
        f"{where}に「行キー」の列がないので、予算シートではありません。この画面で受け取ったシートに書き込んでください。"
    )
