"""Reader of the part `styles` of a workbook: the cell formats that show a number as a date or time."""

from __future__ import annotations

import re

from dxportal.sheets.package import PartHandler

MAX_FORMATS, MAX_FORMAT_LENGTH = 65_490, 255  # Excel's own limits: cell formats, and characters of a format code
# Ids of built-in formats, which are not declared in the file: 27 to 36 and 50 to 58 are dates in East Asian locales.
BUILT_IN_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
# Parts of a format code whose letters do not mean a date: literals (quoted, escaped, space, fill), colours, conditions,
# "General" and exponents.
NO_DATE = re.compile(r'"[^"]*"?|[\\_*].|\[(?!hh?\]|mm?\]|ss?\])[^\]]*\]|general|e[+-]', re.IGNORECASE)
DATE_LETTER = re.compile("[ymdhsge]|aaa", re.IGNORECASE)


class NumberFormats(PartHandler):
    """Handler that collects the indices of date formats; missing or invalid attributes mean no date."""

    root = "styleSheet"

    def __init__(self) -> None:
        self.dates: set[str] = set()
        self.date_formats = {str(number) for number in BUILT_IN_DATES}
        self.formats: int | None = None  # formats counted so far in `cellXfs`; None outside it

    def start(self, name: str, attributes: dict[str, str]) -> None:
        number = attributes.get("numFmtId", "")
        if name == "cellXfs":
            self.formats = 0
        elif name == "xf" and self.formats is not None:
            if number in self.date_formats and self.formats < MAX_FORMATS:
                self.dates.add(str(self.formats))
            self.formats += 1
        elif name == "numFmt":
            self.date_formats.discard(number)
            if is_date_format(attributes.get("formatCode", "")) and len(self.date_formats) < MAX_FORMATS:
                self.date_formats.add(number)

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self.formats = None


def is_date_format(code: str) -> bool:
    """Tell whether a format code shows a date or time; only its first section, for positive numbers, is looked at."""
    return DATE_LETTER.search(NO_DATE.sub("", code[:MAX_FORMAT_LENGTH]).partition(";")[0]) is not None
