"""Which cell formats of a workbook show a number as a date or a time (the part `styles`)."""

from __future__ import annotations

import re

from dxportal.sheets.package import PartHandler

MOST_FORMATS, LONGEST_FORMAT = 65_490, 255  # Excel's own bounds on cell formats and on the code of one
# Numbers of the formats that need no declaration: 27 to 36 and 50 to 58 are dates of East Asian editions.
BUILT_IN_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
# What in the code of a format stands for itself (quoted, escaped, as a space or filler), colours and conditions, and
# the words and exponents whose letters mean no date.
NO_DATE = re.compile(r'"[^"]*"?|[\\_*].|\[(?!hh?\]|mm?\]|ss?\])[^\]]*\]|general|e[+-]', re.IGNORECASE)
DATE_LETTER = re.compile("[ymdhsge]|aaa", re.IGNORECASE)


class NumberFormats(PartHandler):
    """The cell formats that show a number as a date, by their index; whatever is missing or odd means none."""

    root = "styleSheet"

    def __init__(self) -> None:
        self.dates: set[str] = set()
        self.date_formats = {str(number) for number in BUILT_IN_DATES}
        self.formats: int | None = None  # so many have been seen of the list that cells refer to

    def start(self, name: str, attributes: dict[str, str]) -> None:
        number = attributes.get("numFmtId", "")
        if name == "cellXfs":
            self.formats = 0
        elif name == "xf" and self.formats is not None:
            if number in self.date_formats and self.formats < MOST_FORMATS:
                self.dates.add(str(self.formats))
            self.formats += 1
        elif name == "numFmt":
            self.date_formats.discard(number)
            if is_date_format(attributes.get("formatCode", "")) and len(self.date_formats) < MOST_FORMATS:
                self.date_formats.add(number)

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self.formats = None


def is_date_format(code: str) -> bool:
    """Whether a format shows a number as a date or a time; its first section counts, that of positive numbers."""
    return DATE_LETTER.search(NO_DATE.sub("", code[:LONGEST_FORMAT]).partition(";")[0]) is not None
