"""Excel writer: the table on the first sheet, its metadata on the second, the meaning of its columns on the third."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO
from unicodedata import east_asian_width

from django.utils.translation import gettext
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from dxportal.exports.metadata_sheet import DICTIONARY_HEADER, METADATA_HEADER, FileMetadata
from dxportal.tables.cell_values import Cell
from dxportal.tables.columns import ColumnType

MAX_SHEET_ROWS = 1_048_575  # rows that a sheet holds below its header
MAX_CELL_CHARACTERS = 32_767  # characters that a cell holds; a longer text would be truncated silently
MEASURED_ROWS = 1000  # rows from which column widths are measured
MAX_COLUMN_WIDTH = 60  # maximum column width in half-width characters; longer texts wrap
NUMBER_FORMATS = {
    ColumnType.MONEY: "#,##0",
    ColumnType.NUMBER: "#,##0",
    ColumnType.DIFFERENCE: "+#,##0;-#,##0;0",
    ColumnType.YEAR: "0",
    ColumnType.PERCENT: "0.0",
}
CHOICES_SHEET = "選択肢"  # hidden sheet with the lists of the drop-downs
CELL_LINE_HEIGHT = 15  # points
A4_PAPER = 9  # Excel's number of the paper size
SIDE_MARGIN, TOP_MARGIN = 0.4, 0.6  # inches; the footer stands in the lower one
# Characters that XML 1.0 cannot hold are escaped as _xHHHH_, as Excel does; so is a text that looks like an escape.
INVALID_IN_XML = r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
ESCAPED_IN_XML = re.compile(INVALID_IN_XML + r"|_(?=x[0-9A-Fa-f]{4}_)")
# The line break of a cell is LF (Alt+Enter); a CR would be escaped as _x000D_, which some programs show literally.
CARRIAGE_RETURN = re.compile(r"\r\n?")


class ExcelLimitError(Exception):
    """Raised, with a sentence, for more rows than a sheet holds or a longer text than a cell holds."""


@dataclass(frozen=True)
class SheetForm:
    """Options of a sheet to be filled in: editable columns, drop-downs and header comments, by column index from 0.

    The other cells of the table and its header are locked, without a password: a protection against slips, not against
    people. All cells below the table are open; there `prepared_rows` rows hold the values of `prepared_row`.
    """

    editable: frozenset[int]
    choices: Mapping[int, Sequence[str]]
    header_comments: Mapping[int, str]
    rows: int  # number of rows below the header that get drop-downs
    prepared_row: Sequence[Cell] = ()
    prepared_rows: int = 0
    printed_columns: int | None = None  # number of columns that are printed, from the first; None prints all


def write_excel(
    file: BinaryIO,
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    about: FileMetadata,
    form: SheetForm | None = None,
) -> None:
    """Write a workbook row by row, in constant memory; with a `form`, as a sheet to be filled in."""
    if about.count > MAX_SHEET_ROWS:
        raise ExcelLimitError(
            gettext(
                "%(count)s行あり、Excelの１枚のシートに入る%(most)s行を超えています。CSVでダウンロードするか、条件で絞ってください。"
            )
            % {"count": f"{about.count:,}", "most": f"{MAX_SHEET_ROWS:,}"}
        )
    with new_workbook(file) as workbook:
        write_table(workbook, header, iter(rows), about, form)
        write_metadata(workbook, about)
        if form:
            write_choices(workbook, form.choices)


@contextmanager
def new_workbook(file: BinaryIO) -> Iterator[Workbook]:
    """Open a workbook in constant-memory mode, and close it at the end of the block."""
    with TemporaryDirectory() as folder:  # removes the library's temporary files even if a row cannot be written
        workbook = Workbook(file, {"constant_memory": True, "tmpdir": folder})
        try:
            yield workbook
        except Exception:
            for sheet in workbook.worksheets():
                sheet.row_data_fh.close()
            raise
        workbook.close()


def write_table(
    workbook: Workbook,
    header: Sequence[str],
    rows: Iterator[Sequence[Cell]],
    about: FileMetadata,
    form: SheetForm | None,
) -> None:
    sheet = add_worksheet(workbook, about.sheet_title, has_header=True)
    first = list(islice(rows, MEASURED_ROWS))
    editable = form.editable if form else frozenset()
    columns = [
        CellWriter(workbook, sheet, of_type, is_locked=number not in editable if form else None)
        for number, of_type in enumerate(about.types)
    ]
    free = workbook.add_format({"locked": False}) if form else None  # of the cells below the table
    for number, (label, of_type) in enumerate(zip(header, about.types, strict=True)):
        texts = [label, *(format_for_width(row[number], of_type) for row in first)]
        sheet.set_column(number, number, min(max(map(text_width, texts)) + 2, MAX_COLUMN_WIDTH), free)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, about.count, len(header) - 1)
    if form:
        apply_form(sheet, form, about.count)
    elif about.types[-1] is ColumnType.ADDRESS:
        sheet.print_area(0, 0, about.count, len(header) - 2)  # an address is of no use on paper, and wide
    headings = CellWriter(workbook, sheet, bold=True)
    for number, label in enumerate(header):
        headings.write(0, number, label)
    below = 1
    for row in chain(first, rows):
        write_row(columns, below, row)
        below += 1
    if form:
        open_columns = [CellWriter(workbook, sheet, of_type, is_locked=False) for of_type in about.types]
        for row_number in range(below, below + form.prepared_rows):
            write_row(open_columns, row_number, form.prepared_row)


def write_row(columns: Sequence[CellWriter], row_number: int, row: Sequence[Cell]) -> None:
    for number, (cells, value) in enumerate(zip(columns, row, strict=True)):
        cells.write(row_number, number, value)


def add_worksheet(workbook: Workbook, title: str, *, has_header: bool) -> Any:
    """Add a worksheet that prints on A4 landscape, as wide as one page; a header row is repeated on each page."""
    sheet = workbook.add_worksheet(title, SafeWorksheet)
    sheet.set_landscape()
    sheet.set_paper(A4_PAPER)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(SIDE_MARGIN, SIDE_MARGIN, TOP_MARGIN, TOP_MARGIN)
    sheet.set_footer("&L&A&R&P / &N")
    if has_header:
        sheet.repeat_rows(0)
        sheet.hide_gridlines(0)  # prints the grid
    return sheet


def apply_form(sheet: Any, form: SheetForm, count: int) -> None:
    """Protect the sheet, add drop-downs, attach comments to the headings, and leave out columns when printing."""
    sheet.protect("", dict.fromkeys(("format_columns", "format_rows", "insert_rows", "autofilter", "sort"), True))
    for number, remark in form.header_comments.items():
        sheet.write_comment(0, number, remark, {"author": gettext("計画カタログ"), "width": 320, "height": 90})
    add_drop_downs(sheet, form.choices, form.rows)
    if form.printed_columns is not None:
        # Not whole columns, which openpyxl warns of. A row that is inserted among the prepared ones extends the area.
        sheet.print_area(0, 0, count + form.prepared_rows, form.printed_columns - 1)


def add_drop_downs(sheet: Any, choices: Mapping[int, Sequence[str]], rows: int) -> None:
    """Add drop-downs to columns, from row 2 to `rows` + 1, with the lists that `write_choices` writes."""
    for list_number, number in enumerate(choices):
        letter = xl_col_to_name(list_number, col_abs=True)
        source = f"={CHOICES_SHEET}!{letter}$1:{letter}${len(choices[number])}"
        rule = {"validate": "list", "source": source, "ignore_blank": True}
        messages = {"error_title": gettext("選択肢"), "error_message": gettext("一覧から選んでください。")}
        sheet.data_validation(1, number, rows, number, rule | messages)


def write_choices(workbook: Workbook, choices: Mapping[int, Sequence[str]]) -> None:
    """Write the lists of the drop-downs to a hidden sheet, one column per list."""
    sheet = add_worksheet(workbook, CHOICES_SHEET, has_header=False)
    sheet.hide()
    cells = CellWriter(workbook, sheet)
    for row, texts in enumerate(zip_longest(*choices.values())):
        for column, text in enumerate(texts):
            cells.write(row, column, text)


def write_metadata(workbook: Workbook, about: FileMetadata) -> None:
    """Write the sheets beside the first: what the file says of itself, and the meaning of its columns."""
    write_texts(workbook, gettext("説明"), METADATA_HEADER, about.lines, widths=(28, 34, 80))
    write_texts(workbook, gettext("項目の説明"), DICTIONARY_HEADER, about.dictionary, widths=(28, 30, 28, 80))


def write_texts(
    workbook: Workbook, title: str, header: Sequence[Any], rows: Iterable[Sequence[Any]], widths: Sequence[int]
) -> None:
    """Write a sheet with one table of texts and numbers."""
    sheet = add_worksheet(workbook, title, has_header=True)
    sheet.freeze_panes(1, 0)
    headings, cells = CellWriter(workbook, sheet, bold=True), CellWriter(workbook, sheet, ColumnType.NUMBER)
    for number, (label, width) in enumerate(zip(header, widths, strict=True)):
        sheet.set_column(number, number, width)
        headings.write(0, number, str(label))
    for below, row in enumerate(rows, 1):
        lines = max(-(-text_width(str(value)) // width) for value, width in zip(row, widths, strict=True))
        if lines > 1:
            sheet.set_row(
                below, lines * CELL_LINE_HEIGHT
            )  # a program that does not fit rows to wrapped texts cuts them off
        for number, value in enumerate(row):
            cells.write(below, number, value if isinstance(value, int) else str(value))


class SafeWorksheet(Worksheet):  # type: ignore[misc]  # the library has no types
    """Worksheet whose texts survive a round trip.

    Works around two faults of XlsxWriter: it escapes `_x005F_x001B_` only in part, and takes a text from `<r>` to
    `</r>` for its own rich-text markup.
    """

    @staticmethod
    def _escape_control_characters(text: str | int) -> str:
        text = ESCAPED_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", str(text))  # booleans arrive as 0 or 1
        return text.replace("<", "_x003C_", 1) if text.startswith("<r>") else text


class CellWriter:
    """Writer of a column's cells by declared type: a text is never taken for a number, formula or link.

    `is_locked`: whether the cells are locked on a protected sheet; None on an unprotected one.
    """

    def __init__(
        self,
        workbook: Workbook,
        sheet: Any,
        of_type: ColumnType = ColumnType.TEXT,
        *,
        is_locked: bool | None = None,
        bold: bool = False,
    ) -> None:
        look = {"valign": "top", "bold": bold, "locked": is_locked is not False}
        self.sheet = sheet
        self.has_blanks = is_locked is not None
        self.text_format = workbook.add_format(look)
        self.long_text_format = workbook.add_format(look | {"text_wrap": True})
        self.number_format = workbook.add_format(look | {"num_format": NUMBER_FORMATS.get(of_type, "General")})

    def write(self, row: int, column: int, value: Cell) -> None:
        if value is None:
            if self.has_blanks:
                self.sheet.write_blank(row, column, None, self.text_format)
        elif isinstance(value, str):
            self.write_text(row, column, value)
        else:
            self.sheet.write_number(row, column, value, self.number_format)

    def write_text(self, row: int, column: int, text: str) -> None:
        if len(text) > MAX_CELL_CHARACTERS:
            raise ExcelLimitError(
                gettext(
                    "「%(text)s…」で始まる文は、Excelの一つの欄に入る長さを超えています。CSVでダウンロードしてください。"
                )
                % {"text": text[:20]}
            )
        look = self.long_text_format if is_wide(text) else self.text_format
        self.sheet.write_string(row, column, CARRIAGE_RETURN.sub("\n", text), look)


def format_for_width(value: Cell, of_type: ColumnType) -> str:
    return (
        f"{value:,}" if of_type is ColumnType.MONEY and isinstance(value, int) else str("" if value is None else value)
    )


def text_width(text: str) -> int:
    """Return the width of a text's widest line in half-width characters; a full-width one counts as two."""
    return max(map(line_width, text.split("\n")))


def line_width(line: str) -> int:
    if line.isascii():
        return len(line)
    return sum([2 if east_asian_width(character) in "FWA" else 1 for character in line])


def is_wide(text: str) -> bool:
    return (
        2 * len(text) > MAX_COLUMN_WIDTH and text_width(text) > MAX_COLUMN_WIDTH
    )  # the first test is cheap and settles most texts
