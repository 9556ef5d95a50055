"""Reader of the worksheets of a workbook (ECMA-376, Transitional or Strict); each part is read in one pass.

It interprets the list of sheets, the cells, the shared strings and the number formats of dates. The other parts
(properties, themes, comments, drawings, links) are only checked against the package's limits, so that a fault in them
does no harm.
"""

from __future__ import annotations

from dxportal.sheets.number_formats import NumberFormats
from dxportal.sheets.package import (
    MAX_PARTS,
    Package,
    PartHandler,
    damaged_file_error,
    not_a_workbook_error,
    too_many_cells_error,
)
from dxportal.sheets.parsed_file import Worksheet
from dxportal.sheets.worksheet_parts import CellReader, SharedStrings, TextLimit

MAX_SHEET_TITLE_LENGTH = 31
WORKBOOK_TYPES = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml",
    "application/vnd.ms-excel.sheet.macroenabled.main+xml",
    "application/vnd.ms-excel.template.macroenabled.main+xml",
)


def read_worksheets(data: bytes) -> list[Worksheet]:
    """Read the worksheets of an XLSX file in order; all parts are checked against the package's limits."""
    package = Package(data)
    name = find_workbook(package)
    book = WorkbookHandler()
    package.parse_part(name, book)
    targets = package.relationships(name)
    limit = TextLimit()
    strings, styles = SharedStrings(limit), NumberFormats()
    of_workbook: tuple[tuple[str, PartHandler], ...] = (("sharedStrings", strings), ("styles", styles))
    for kind, handler in of_workbook:
        part = next((target.target for target in targets if target.kind == kind), "")
        if part in package:
            package.parse_part(part, handler)
    parts = {target.id: target.target for target in targets if target.kind == "worksheet"}
    of_charts = {target.id for target in targets} - parts.keys()
    sheets, has_lost_sheet = [], False
    for title, id, is_hidden in book.sheets:
        part = parts.get(id, "")
        if part in package:
            sheet = Worksheet(title, is_hidden)
            package.parse_part(part, CellReader(sheet, strings.texts, styles.dates, book.is_from_1904, limit))
            sheets.append(sheet)
        else:
            has_lost_sheet = has_lost_sheet or id not in of_charts
    package.check_unread_parts()
    if (has_lost_sheet or not sheets) and not any(sheet.filled_rows for sheet in sheets):
        raise damaged_file_error()  # instead of reporting a file without values
    return sheets


def find_workbook(package: Package) -> str:
    """Return the main part: the target of the package's relationship `officeDocument`, declared as a workbook."""
    for target in package.relationships():
        is_declared = package.types.content_type_of(target.target) in WORKBOOK_TYPES
        if target.kind == "officeDocument" and target.target in package and is_declared:
            return target.target
    raise damaged_file_error() if "xl/workbook.xml" in package else not_a_workbook_error()


class WorkbookHandler(PartHandler):
    """Handler of the part `workbook`: (title, relationship id, is hidden) of each sheet, and the date system."""

    root = "workbook"

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, bool]] = []
        self.is_from_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            id = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            is_hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append((attributes.get("name", "")[:MAX_SHEET_TITLE_LENGTH], id, is_hidden))
            if len(self.sheets) > MAX_PARTS:
                raise too_many_cells_error()
        elif name == "workbookPr":
            self.is_from_1904 = attributes.get("date1904") in ("1", "true")
