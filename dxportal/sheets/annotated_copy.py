"""Annotated copy of an uploaded file: invalid cells are coloured and have a comment that says what is expected.

It is written anew from the values that were read, so that nothing else of an untrusted file gets into it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook

from dxportal.exports import excel
from dxportal.sheets.parsed_file import CellValue, DateFormattedNumber, ParsedFile, SheetProblem, Worksheet
from dxportal.sheets.upload_limits import MAX_UPLOAD_ROWS

AUTHOR = "計画カタログ"
PROBLEM_COLOUR = "#FFF2B8"
CSV_SHEET_TITLE = "予算シート"  # sheet title for a CSV file, which has none
NO_COPY_NOTE = "印を付けた写しは作れませんでした。一覧を見ながら、送ったファイルを直してください。"
MAX_ANNOTATED_CELLS = 2000  # cells
# Limits on the size of a copy; a larger one would take seconds to write.
MAX_COPY_CELLS, MAX_COPY_CHARACTERS = 150_000, 5_000_000
INVALID_XML_CHARACTER = re.compile(excel.INVALID_IN_XML)

CellComments = Mapping[tuple[int, int], str]  # comment by (row, column), both counted from 1


def annotate(
    file: ParsedFile, problems: Iterable[SheetProblem], formats: Sequence[str], choices: Mapping[int, Sequence[str]]
) -> tuple[bytes | None, list[str]]:
    """Write the copy; return its bytes, or None if it would be too large, and notes for its reader.

    `formats`: number format of each column of the table. `choices`: drop-down lists by column index from 0.
    """
    sheets = [
        sheet
        for sheet in file.worksheets
        if sheet.title == file.sheet or not (sheet.is_truncated or sheet.title == excel.CHOICES_SHEET)
    ]
    left_out = [f"「{sheet.title}」" for sheet in file.worksheets if sheet.is_truncated]
    notes = [f"大きいシート{'・'.join(left_out)}は、印を付けた写しには入れていません。"] if left_out else []
    if not is_small(sheets):
        return None, [NO_COPY_NOTE]
    copy = BytesIO()
    with excel.new_workbook(copy) as workbook:
        looks = FormatCache(workbook)
        titles: set[str] = set()
        for sheet in sheets:
            is_table = sheet.title == file.sheet
            title = make_unique_title(sheet.title or CSV_SHEET_TITLE, titles)
            written = excel.add_worksheet(workbook, title, has_header=is_table)
            if is_table:
                write_sheet(written, sheet, looks, comments_by_cell(problems), formats)
                excel.add_drop_downs(written, choices, MAX_UPLOAD_ROWS)
                written.freeze_panes(1, 0)
                written.activate()
            else:
                write_sheet(written, sheet, looks, {}, [])
                if sheet.is_hidden:
                    written.hide()
        if choices:
            excel.write_choices(workbook, choices)
    return copy.getvalue(), notes


def is_small(sheets: Sequence[Worksheet]) -> bool:
    values = [value for sheet in sheets for row in sheet.rows.values() for value in row.values()]
    formulas = sum(len(row) for sheet in sheets for row in sheet.uncalculated.values())
    lengths = [len(value) for value in values if isinstance(value, str)]
    return (
        len(values) + formulas <= MAX_COPY_CELLS
        and sum(lengths) <= MAX_COPY_CHARACTERS
        and max(lengths, default=0) <= excel.MAX_CELL_CHARACTERS
    )


def make_unique_title(title: str, titles: set[str]) -> str:
    """Return a valid sheet title that is not in `titles`, and add it there."""
    title = re.sub(r"[\[\]:*?/\\']", "_", title)
    while title.lower() in titles | {excel.CHOICES_SHEET}:
        title = f"{title[:28]}_{len(titles)}"
    titles.add(title.lower())
    return title


def comments_by_cell(problems: Iterable[SheetProblem]) -> CellComments:
    """Return comments by cell; problems of a whole column go to its heading, those of a whole row to its first cell."""
    sentences: dict[tuple[int, int], list[str]] = defaultdict(list)
    for problem in problems:
        sentences[problem.row or 1, max(problem.column, 0) + 1].append(problem.expected)
    return {cell: "\n".join(sentences[cell]) for cell in list(sentences)[:MAX_ANNOTATED_CELLS]}


class FormatCache:
    """Cache of cell formats."""

    def __init__(self, workbook: Workbook) -> None:
        self.workbook = workbook
        self.formats: dict[tuple[str, bool, bool], Any] = {}

    def get(self, number_format: str, *, is_faulty: bool, is_long: bool = False) -> Any:
        key = number_format, is_faulty, is_long
        if key not in self.formats:
            fill = {"bg_color": PROBLEM_COLOUR} if is_faulty else {}
            look = {"valign": "top", "num_format": number_format, "text_wrap": is_long}
            self.formats[key] = self.workbook.add_format(look | fill)
        return self.formats[key]


def write_sheet(
    written: Any, sheet: Worksheet, looks: FormatCache, comments: CellComments, formats: Sequence[str]
) -> None:
    """Write the cells at their places, row by row; a formula without a cached result is written as text."""
    for column, width in measure_widths(sheet).items():
        written.set_column(column - 1, column - 1, width)
    commented: dict[int, dict[int, CellValue]] = defaultdict(dict)
    for (row, column), expected in comments.items():
        commented[row][column] = None
        # Before the rows: in constant-memory mode a row is flushed when the next one begins.
        options = {"author": AUTHOR, "width": 320, "height": 120}
        written.write_comment(
            row - 1, column - 1, INVALID_XML_CHARACTER.sub("\ufffd", expected)[: excel.MAX_CELL_CHARACTERS], options
        )
    for row in sorted({*sheet.rows, *commented}):
        if row in sheet.hidden_rows:
            written.set_row(row - 1, None, None, {"hidden": True})
        cells = commented.get(row, {}) | sheet.rows.get(row, {}) | sheet.uncalculated.get(row, {})
        for column in sorted(cells):
            number_format = formats[column - 1] if column <= len(formats) else "General"
            write_cell(written, row - 1, column - 1, cells[column], looks, number_format, (row, column) in comments)


def write_cell(
    written: Any, row: int, column: int, value: CellValue, looks: FormatCache, number_format: str, is_faulty: bool
) -> None:
    if value is None:
        written.write_blank(row, column, None, looks.get(number_format, is_faulty=is_faulty))
    elif isinstance(value, str):
        text = excel.CARRIAGE_RETURN.sub("\n", value)
        is_long = "\n" in text or excel.is_wide(text)
        written.write_string(row, column, text, looks.get("General", is_faulty=is_faulty, is_long=is_long))
    elif isinstance(value, bool):
        written.write_boolean(row, column, value, looks.get("General", is_faulty=is_faulty))
    else:
        is_date = isinstance(value, DateFormattedNumber)
        look = looks.get("yyyy/m/d" if is_date else number_format, is_faulty=is_faulty)
        written.write_number(row, column, value, look)


def measure_widths(sheet: Worksheet) -> dict[int, int]:
    """Measure column widths by the longest texts, in half-width characters."""
    widths: dict[int, int] = defaultdict(int)
    for row in list(sheet.rows.values())[: excel.MEASURED_ROWS]:
        for column, value in row.items():
            text = value if isinstance(value, str) else f"{value:,}"
            widths[column] = max(widths[column], min(excel.text_width(text) + 2, excel.MAX_COLUMN_WIDTH))
    return widths
