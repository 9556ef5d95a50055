"""Excel: the table on the first sheet, what has to be known about it on the second."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import Any, BinaryIO
from unicodedata import east_asian_width

from django.utils.translation import gettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from dxportal.exports.about import About
from dxportal.exports.cells import Cell
from dxportal.exports.columns import Type

LARGEST = 1_048_575  # rows that a sheet holds below its header
LONGEST = 32_767  # characters that a cell holds; a longer text would be cut without a word
MEASURED = 1000  # rows that widths are measured by
WIDEST = 60  # half-width characters; longer texts go on in the next line
FORMATS = {
    Type.MONEY: "#,##0",
    Type.NUMBER: "#,##0",
    Type.DIFFERENCE: "+#,##0;-#,##0;0",
    Type.YEAR: "0",
    Type.PERCENT: "0.0",
}
CHOICES = "選択肢"  # the sheet that drop-downs offer from
# Characters that XML cannot hold are written as Excel writes them, and so is a text that looks like that.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
# A sheet knows one line break, the line feed of Alt+Enter. A carriage return that is written as it is becomes one or
# stays, depending on which XML library is installed; written as _x000D_ it is shown by some programs.
LINE_BREAK = re.compile(r"\r\n?")


class NotInExcelError(Exception):
    """More rows than a sheet holds, or a longer text than a cell, as a sentence."""


@dataclass(frozen=True)
class Form:
    """What makes a table a sheet to be filled in, by the place of a column: what may be changed, chosen, and is said.

    Everything else is locked, without a password: against slips, not against people.
    """

    editable: frozenset[int]
    choices: Mapping[int, Sequence[str]]
    remarks: Mapping[int, str]
    rows: int  # down to which rows can be added


def write_excel(
    file: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[Cell]], about: About, form: Form | None = None
) -> None:
    """Write a workbook row by row: memory stays flat however many rows there are."""
    if about.count > LARGEST:
        raise NotInExcelError(
            gettext(
                "%(count)s行あり、Excelの１枚のシートに入る%(most)s行を超えています。CSVでお持ちになるか、条件で絞ってください。"
            )
            % {"count": f"{about.count:,}", "most": f"{LARGEST:,}"}
        )
    workbook = Workbook(write_only=True)
    try:
        write_table(workbook, header, iter(rows), about, form)
        write_about(workbook, about)
        if form:
            write_choices(workbook, form)
    except Exception:
        for sheet in workbook.worksheets:
            give_up(sheet)
        raise
    workbook.save(file)


def give_up(sheet: Any) -> None:
    """Close and remove the temporary file of a sheet that will not be saved."""
    sheet.close()
    sheet._writer.cleanup()


def write_table(
    workbook: Workbook, header: Sequence[str], rows: Iterator[Sequence[Cell]], about: About, form: Form | None
) -> None:
    sheet = workbook.create_sheet(about.sheet_title)
    first = list(islice(rows, MEASURED))
    for number, (label, of_type) in enumerate(zip(header, about.types, strict=True)):
        texts = [label, *(shown(row[number], of_type) for row in first)]
        sheet.column_dimensions[get_column_letter(number + 1)].width = min(max(map(width, texts)) + 2, WIDEST)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{about.count + 1}"
    heading = [Cells(sheet, bold=True) for _ in header]
    columns = [Cells(sheet, of_type) for of_type in about.types]
    if form:
        dress(sheet, form, heading, columns)
    sheet.append([cells.showing(text) for cells, text in zip(heading, header, strict=True)])
    for row in chain(first, rows):
        sheet.append([cells.showing(value) for cells, value in zip(columns, row, strict=True)])


def dress(sheet: Any, form: Form, heading: list[Cells], columns: list[Cells]) -> None:
    """Lock what is not to be changed, offer choices, put remarks at the headings."""
    sheet.protection.sheet = True
    for allowed in ("formatColumns", "formatRows", "insertRows", "autoFilter", "sort"):
        setattr(sheet.protection, allowed, False)  # what is true is forbidden
    for number, remark in form.remarks.items():
        heading[number].remark(remark)
    for number, cells in enumerate(columns):
        # Cells below the last row have the style of their column: rows can be added.
        sheet.column_dimensions[get_column_letter(number + 1)].protection = Protection(locked=False)
        cells.lock(is_locked=number not in form.editable)
    for place, number in enumerate(form.choices, 1):
        letter, of_choices = get_column_letter(number + 1), get_column_letter(place)
        offered = DataValidation(
            "list", f"{CHOICES}!${of_choices}$1:${of_choices}${len(form.choices[number])}", allow_blank=True
        )
        offered.errorTitle, offered.error = gettext("選択肢"), gettext("一覧から選んでください。")
        offered.showErrorMessage = True
        offered.add(f"{letter}2:{letter}{form.rows + 1}")
        sheet.data_validations.append(offered)


def write_choices(workbook: Workbook, form: Form) -> None:
    """What the drop-downs offer, a column for each, on a sheet that nobody needs to see."""
    sheet = workbook.create_sheet(CHOICES)
    sheet.sheet_state = "hidden"
    columns = [Cells(sheet) for _ in form.choices]
    for texts in zip_longest(*form.choices.values()):
        sheet.append([cells.showing(text) for cells, text in zip(columns, texts, strict=True)])


def write_about(workbook: Workbook, about: About) -> None:
    sheet = workbook.create_sheet(gettext("説明"))
    sheet.column_dimensions["A"].width = 34
    sheet.column_dimensions["B"].width = 80
    headings, labels, values = Cells(sheet, bold=True), Cells(sheet), Cells(sheet, Type.NUMBER)
    for heading, lines in about.sections:
        sheet.append([headings.showing(heading)])
        for label, value in lines:
            figure = value if isinstance(value, int) else str(value)
            sheet.append([labels.showing(str(label)), values.showing(figure)])
        sheet.append([])


class Cells:
    """The cells of one column, one for each look.

    Styling a cell takes longer than writing it. A row is written before the next one is made, so that all rows share
    the cells of a column.
    """

    def __init__(self, sheet: Any, of_type: Type = Type.TEXT, *, bold: bool = False) -> None:
        self.sheet = sheet
        self.blank: Any = None
        self.figure, self.text, self.long_text = (WriteOnlyCell(sheet) for _ in range(3))
        for cell in (self.figure, self.text, self.long_text):
            cell.alignment = Alignment(wrap_text=cell is self.long_text, vertical="top")
            if bold:
                cell.font = Font(bold=True)
        self.figure.number_format = FORMATS.get(of_type, "General")

    def lock(self, *, is_locked: bool) -> None:
        """Whether these cells may be changed where the sheet is protected; for that blank ones have to be there."""
        self.blank = WriteOnlyCell(self.sheet)
        for cell in (self.figure, self.text, self.long_text, self.blank):
            cell.protection = Protection(locked=is_locked)
        self.blank.alignment = Alignment(vertical="top")

    def remark(self, text: str) -> None:
        """What is shown when a pointer rests on the cell."""
        for cell in (self.text, self.long_text):
            cell.comment = Comment(text, gettext("計画カタログ"), height=90, width=320)

    def showing(self, value: Cell) -> Any:
        """A cell whose type is told, never guessed: a text stays a text, whatever it begins with."""
        if value is None:
            return self.blank
        if not isinstance(value, str):
            self.figure.value = value
            return self.figure
        cell = self.long_text if is_long(value) else self.text
        if len(value) > LONGEST:
            raise NotInExcelError(
                gettext("「%(text)s…」で始まる文は、Excelの一つの欄に入る長さを超えています。CSVでお持ちください。")
                % {"text": value[:20]}
            )
        cell.value = UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", LINE_BREAK.sub("\n", value))
        cell.data_type = "s"
        return cell


def shown(value: Cell, of_type: Type) -> str:
    return f"{value:,}" if of_type is Type.MONEY and isinstance(value, int) else str("" if value is None else value)


def width(text: str) -> int:
    """Half-width characters: a Japanese character is as wide as two."""
    return max(sum(2 if east_asian_width(c) in "FWA" else 1 for c in line) for line in text.split("\n"))


def is_long(text: str) -> bool:
    return 2 * len(text) > WIDEST and width(text) > WIDEST  # most texts are short: that is seen at once
