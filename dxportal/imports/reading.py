"""Reading an uploaded file that the gate has let through: XLSX with openpyxl, CSV with the standard library."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time, timedelta
from io import BytesIO, StringIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.datetime import to_excel
from openpyxl.utils.escape import unescape

from dxportal.imports.cells import CellRow, DateFormattedNumber, ReadFile, RefusedFileError, Value, folded, plain
from dxportal.imports.gate import MOST_COLUMNS, MOST_ROWS, admit, check_size
from dxportal.imports.scanning import SheetScan, damaged

LOOKED_AT = 20  # rows in which a header is looked for


def read_file(data: bytes, key_headers: Sequence[str]) -> ReadFile:
    """The table of a file: the sheet whose first row holds one of `key_headers`.

    Raises RefusedFileError with a sentence that says what to do.
    """
    scans = admit(data)
    keys = {folded(header) for header in key_headers}
    return read_csv(data, keys) if scans is None else read_workbook(data, scans, keys)


# XLSX


def read_workbook(data: bytes, scans: dict[str, SheetScan], keys: set[str]) -> ReadFile:
    try:
        workbook: Any = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # whatever the library stumbles over, the file is to blame
        raise damaged() from error
    try:
        sheets = [(sheet, scans.get(getattr(sheet, "_worksheet_path", ""))) for sheet in workbook.worksheets]
        filled = [(sheet, found) for sheet, found in sheets if found and found.rows]
        sheet, found, is_first = chosen(filled, keys)
        check_size(found, sheet.title)
        if found.has_merged_cells:
            raise RefusedFileError(
                f"シート「{sheet.title}」に結合されたセルがあります。結合を解いてから、選び直してください。"
            )
        rows = [
            CellRow(
                number,
                tuple(map(value_of, cells)),
                number in found.hidden,
                frozenset(column - 1 for column in found.uncalculated.get(number, ())),
            )
            for number, cells in enumerate(values(sheet, found), 1)
        ]
        about = dict(pair for other, scan in filled if other is not sheet for pair in labelled(other, scan))
    except RefusedFileError:
        raise
    except Exception as error:  # a part is read only when its rows are asked for
        raise damaged() from error
    finally:
        workbook.close()
    notes = [] if is_first else [f"シート「{sheet.title}」を読みました。"]
    return table("xlsx", sheet.title, rows, about, notes)


def chosen(filled: list[tuple[Any, SheetScan]], keys: set[str]) -> tuple[Any, SheetScan, bool]:
    """The one sheet with the header, what was found in it, and whether it is the first that holds anything."""
    if not filled:
        raise RefusedFileError("ファイルに値がありません。書き込んだシートを選び直してください。")
    holding = [(sheet, found) for sheet, found in filled if has_header(next(head(sheet, found, 1), ()), keys)]
    if len(holding) > 1:
        names = "、".join(f"「{sheet.title}」" for sheet, _ in holding)
        raise RefusedFileError(f"予算シートが{names}の複数あります。取り込むものだけを残してから、選び直してください。")
    if holding:
        return (*holding[0], holding[0][0] is filled[0][0])
    for sheet, found in filled:
        for number, cells in enumerate(head(sheet, found, LOOKED_AT), 1):
            if has_header(cells, keys):
                raise header_below(number, sheet.title)
    raise no_header("、".join(f"「{sheet.title}」" for sheet, _ in filled[:5]))


def head(sheet: Any, found: SheetScan, most: int) -> Iterator[Any]:
    last = min(most, found.last_row)
    return iter(sheet.iter_rows(min_row=1, max_row=last, max_col=MOST_COLUMNS, values_only=True))


def values(sheet: Any, found: SheetScan) -> Any:
    """The rows of a worksheet down to the last that holds a value, whatever it claims to hold below."""
    last_column = min(found.last_column, MOST_COLUMNS)
    return sheet.iter_rows(min_row=1, max_row=found.last_row, max_col=last_column, values_only=True)


def value_of(cell: Any) -> Value:
    if isinstance(cell, date | time | timedelta):
        return DateFormattedNumber(to_excel(cell))  # type: ignore[no-untyped-call]
    return unescape(cell) if isinstance(cell, str) else cell


def labelled(sheet: Any, found: SheetScan) -> list[tuple[str, Any]]:
    """What stands in the second column beside each label of the first."""
    rows = sheet.iter_rows(min_row=1, max_row=min(found.last_row, 500), max_col=2, values_only=True)
    return [(plain(label), value) for label, value in rows if label is not None and value is not None]


# CSV


def read_csv(data: bytes, keys: set[str]) -> ReadFile:
    text, notes = decoded(data)
    try:
        lines = enumerate(csv.reader(StringIO(text, newline=""), strict=True), 1)
        found = [(number, tuple(cells)) for number, cells in lines if any(map(plain, cells))]
    except csv.Error as error:
        raise RefusedFileError(
            'CSVとして読めません。引用符（"）が閉じているか確かめるか、Excelブック（.xlsx）で保存してください。'
        ) from error
    if not found:
        raise RefusedFileError("ファイルに値がありません。書き込んだシートを選び直してください。")
    if not has_header(found[0][1], keys):
        if "\t" in text.partition("\n")[0]:
            raise RefusedFileError(
                "タブで区切られたファイルです。「CSV UTF-8（コンマ区切り）」で保存してから選び直してください。"
            )
        for number, cells in found[:LOOKED_AT]:
            if has_header(cells, keys):
                raise header_below(number, "CSV")
        raise no_header("CSV")
    if len(found) > MOST_ROWS + 1:
        raise RefusedFileError(f"一度に読めるのは{MOST_ROWS:,}行までです。部局ごとに分けてください。")
    if max(len(cells) for _, cells in found) > MOST_COLUMNS:
        raise RefusedFileError(f"列が多すぎます。読めるのは{MOST_COLUMNS}列までです。")
    return table("csv", "", [CellRow(number, cells) for number, cells in found], {}, notes)


def decoded(data: bytes) -> tuple[str, list[str]]:
    """The text of a CSV file, and what was noticed about it."""
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


def table(kind: str, sheet: str, rows: list[CellRow], about: dict[str, Any], notes: list[str]) -> ReadFile:
    """The rows below the header; those in which nothing stands are left out, short ones are filled up."""
    header = next(row for row in rows if any(map(plain, row.cells)))
    width = len(header.cells)
    below = [
        CellRow(row.number, (*row.cells, *[None] * (width - len(row.cells))), row.is_hidden, row.uncalculated)
        for row in rows
        if row.number > header.number and (row.uncalculated or any(map(plain, row.cells)))
    ]
    return ReadFile(kind, sheet, tuple(map(plain, header.cells)), below, about, notes)


def has_header(cells: Iterable[Value], keys: set[str]) -> bool:
    return any(folded(cell) in keys for cell in cells)


def header_below(number: int, where: str) -> RefusedFileError:
    return RefusedFileError(
        f"「{where}」の列の名が{number}行目にあります。その上の行を消して、列の名を1行目にしてから選び直してください。"
    )


def no_header(where: str) -> RefusedFileError:
    return RefusedFileError(
        f"{where}に「行キー」の列がないので、予算シートではありません。この画面で受け取ったシートに書き込んでください。"
    )
