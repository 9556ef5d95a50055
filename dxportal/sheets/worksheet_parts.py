"""Handlers of the parts of a workbook that hold values: shared strings and worksheets."""

from __future__ import annotations

import math
import re
from datetime import datetime, time, timedelta
from functools import lru_cache

from dxportal.sheets.package import PartHandler, damaged_file_error, too_many_cells_error
from dxportal.sheets.parsed_file import EXCEL_EPOCH, CellValue, DateFormattedNumber, Worksheet
from dxportal.sheets.upload_limits import LAST_UPLOAD_ROW, MAX_UPLOAD_COLUMNS, MAX_UPLOAD_ROWS

MAX_TEXT_CHARACTERS = 10_000_000  # in all cells together
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # Excel's limits
MAX_FORMULA_LENGTH = 200  # characters of a formula that are kept
NUMBER_LITERAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
INTEGER_LITERAL = re.compile(r"-?[0-9]{1,15}\Z")  # exact in a double
ESCAPE_SEQUENCE = re.compile(r"_x([0-9A-Fa-f]{4})_")
DAYS_TO_1904 = 1462  # offset of the 1904 date system, which old Macintosh workbooks use


class TextLimit:
    """Limit on the characters of all cells together."""

    def __init__(self) -> None:
        self.characters = 0

    def count(self, text: str) -> None:
        self.characters += len(text)
        if self.characters > MAX_TEXT_CHARACTERS:
            raise too_many_cells_error()


class TextHandler(PartHandler):
    """Handler that collects the text of `<t>`, without the phonetic guides (`<rPh>`) that Japanese Excel stores."""

    def __init__(self, limit: TextLimit) -> None:
        self.limit = limit
        self.pieces: list[str] = []
        self.is_collecting = self.is_in_reading = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "t":
            self.is_collecting = not self.is_in_reading
        elif name == "rPh":
            self.is_in_reading = True

    def text(self, text: str) -> None:
        if self.is_collecting:
            self.limit.count(text)
            self.pieces.append(text)

    def end(self, name: str) -> None:
        if name == "t":
            self.is_collecting = False
        elif name == "rPh":
            self.is_in_reading = False

    def take_text(self) -> str:
        """Return the collected text and clear it."""
        text = "".join(self.pieces)
        self.pieces.clear()
        return text


class SharedStrings(TextHandler):
    """Shared strings, which cells refer to by index."""

    root = "sst"

    def __init__(self, limit: TextLimit) -> None:
        super().__init__(limit)
        self.texts: list[str] = []

    def end(self, name: str) -> None:
        super().end(name)
        if name == "si":
            self.texts.append(unescape(self.take_text()))


class CellReader(TextHandler):
    """Handler that fills a `Worksheet`; cells beyond the upload limits are counted, not stored."""

    root = "worksheet"

    def __init__(
        self, sheet: Worksheet, strings: list[str], dates: set[str], is_from_1904: bool, limit: TextLimit
    ) -> None:
        super().__init__(limit)
        self.sheet, self.strings, self.dates, self.is_from_1904 = sheet, strings, dates, is_from_1904
        self.is_in_data = self.is_in_formula = self.is_hidden = False
        self.row = self.column = 0
        self.row_name = ""
        self.values: dict[int, CellValue] = {}
        self.formulas: dict[int, str] = {}
        self.type = self.style = ""
        self.formula: str | None = None
        self.has_result = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self.is_in_data:
            if name == "sheetData":
                self.is_in_data = True
            elif name == "mergeCell":
                self.sheet.has_merged_cells = True
        elif name == "c":
            reference = attributes.get("r")
            # `AB` of the cell reference `AB12`.
            self.column = column_number(reference.removesuffix(self.row_name)) if reference else self.column + 1
            self.type, self.style = attributes.get("t", "n"), attributes.get("s", "")
            self.formula, self.has_result = None, False
            self.pieces.clear()
        elif name == "v":
            self.has_result = True
            self.is_collecting = self.type != "inlineStr"
        elif name == "row":
            self.start_row(attributes)
        elif name == "f":
            self.formula, self.is_in_formula = "=", True
        elif self.type == "inlineStr":
            super().start(name, attributes)

    def start_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r", "").strip()
        self.row = int(number) if number.isascii() and number.isdigit() and len(number) < 8 else self.row + 1
        if not 1 <= self.row <= LAST_ROW:
            raise damaged_file_error()
        self.row_name, self.column = str(self.row), 0
        self.is_hidden = attributes.get("hidden") in ("1", "true")
        self.values, self.formulas = {}, {}

    def text(self, text: str) -> None:
        if not self.is_in_formula:
            super().text(text)
        elif self.formula is not None and len(self.formula) < MAX_FORMULA_LENGTH:
            self.formula += text[:MAX_FORMULA_LENGTH]

    def end(self, name: str) -> None:
        if not self.is_in_data:
            return
        if name == "c":
            self.end_cell()
        elif name == "v":
            self.is_collecting = False
        elif name == "row":
            self.end_row()
        elif name == "f":
            self.is_in_formula = False
        elif name == "sheetData":
            self.is_in_data = False
        else:
            super().end(name)

    def end_cell(self) -> None:
        if not self.pieces and self.formula is None:
            return
        text = self.take_text()
        if not text.strip():
            # An empty text can be a formula's result.
            if self.formula is not None and not (self.type == "str" and self.has_result):
                self.formulas[self.column] = self.formula
            return
        if self.column in self.values or not 1 <= self.column <= LAST_COLUMN:
            raise damaged_file_error()
        value = self.parse_value(text)
        if value != "":
            self.values[self.column] = value

    def end_row(self) -> None:
        if not self.values and not self.formulas:
            return
        sheet = self.sheet
        if self.row in sheet.rows:
            raise damaged_file_error()
        sheet.filled_rows += 1
        sheet.last_row = max(sheet.last_row, self.row)
        last_column = max(*self.values, *self.formulas, 0)
        sheet.last_column = max(sheet.last_column, last_column)
        sheet.is_truncated = sheet.is_truncated or last_column > MAX_UPLOAD_COLUMNS
        if sheet.filled_rows > MAX_UPLOAD_ROWS + 1 or sheet.last_row > LAST_UPLOAD_ROW:
            sheet.is_truncated = True
            return
        sheet.rows[self.row] = {column: value for column, value in self.values.items() if column <= MAX_UPLOAD_COLUMNS}
        if self.formulas:
            sheet.uncalculated[self.row] = self.formulas
        if self.is_hidden:
            sheet.hidden_rows.add(self.row)

    def parse_value(self, text: str) -> CellValue:
        match self.type:
            case "n":
                number = parse_number(text)
                return DateFormattedNumber(number) if self.style in self.dates else number
            case "s":
                return self.shared_string(text.strip())
            case "b":
                return text.strip() in ("1", "true")
            case "d":
                return parse_iso_date(text, DAYS_TO_1904 if self.is_from_1904 else 0)
        return unescape(text)

    def shared_string(self, index: str) -> str:
        if not (index.isascii() and index.isdigit()) or int(index) >= len(self.strings):
            raise damaged_file_error()
        text = self.strings[int(index)]
        return text if text.strip() else ""


@lru_cache(maxsize=1024)
def column_number(letters: str) -> int:
    """Return the number of a column: `A` → 1, `AA` → 27; 0 if invalid."""
    number = 0
    for letter in letters:
        if not "A" <= letter <= "Z" or number > LAST_COLUMN:
            return 0
        number = 26 * number + ord(letter) - 64
    return number


def parse_number(text: str) -> int | float:
    text = text.strip()
    if INTEGER_LITERAL.match(text):
        return int(text)
    if not NUMBER_LITERAL.match(text) or math.isinf(number := float(text)):
        raise damaged_file_error()
    return number


def parse_iso_date(text: str, offset: int) -> CellValue:
    """Convert an ISO 8601 date, as in Strict Open XML, to Excel's day number; return other texts unchanged."""
    try:
        moment = datetime.fromisoformat(text)
        days = (moment.replace(tzinfo=None) - datetime.combine(EXCEL_EPOCH, time())) / timedelta(days=1) - offset
    except ValueError:
        return text
    return DateFormattedNumber(days)


def unescape(text: str) -> str:
    """Decode escapes such as `_x000D_`; a lone surrogate becomes U+FFFD."""
    if "_x" not in text:
        return text
    return (
        ESCAPE_SEQUENCE.sub(lambda found: chr(int(found[1], 16)), text)
        .encode("utf-16", "surrogatepass")
        .decode("utf-16", "replace")
    )
