"""A workbook's XML, walked through before any library builds objects from it: how much there is, and where.

Nothing is kept of what the parts say but places, so memory stays small whatever the file claims to hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from dxportal.imports.cells import RefusedFileError

CHUNK = 1 << 16
MOST_ELEMENTS = 1_000_000
CELL = re.compile(r"([A-Z]{1,3})[0-9]+\Z")


@dataclass
class SheetScan:
    """Where a worksheet holds values; rows and columns as people count, from 1."""

    rows: int = 0
    last_row: int = 0
    last_column: int = 0
    hidden: set[int] = field(default_factory=set)
    uncalculated: dict[int, set[int]] = field(default_factory=dict)
    has_merged_cells: bool = False


class Counter:
    """Elements of all parts together; so many that reading them would take too long are refused."""

    def __init__(self) -> None:
        self.elements = 0

    def one(self) -> None:
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise RefusedFileError(
                "ファイルの中の行や欄が多すぎます（書式だけの空の行も数えます）。"
                "使っている範囲だけを新しいブックに写し、保存してから選び直してください。"
            )


class SheetWalk:
    """The handlers for one worksheet part."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.scan = SheetScan()
        self.row = self.column = 0
        self.has_value = self.has_formula = self.is_in_formula = self.row_has_value = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.counter.one()
        match name.rpartition(" ")[2]:
            case "row":
                number = attributes.get("r", "")
                self.row = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else self.row + 1
                self.column, self.row_has_value = 0, False
                if attributes.get("hidden") in ("1", "true"):
                    self.scan.hidden.add(self.row)
            case "c":
                found = CELL.match(attributes.get("r", ""))
                self.column = number_of(found[1]) if found else self.column + 1
                self.has_value = self.has_formula = False
            case "f":
                self.has_formula = self.is_in_formula = True
            case "mergeCell":
                self.scan.has_merged_cells = True

    def text(self, text: str) -> None:
        """Text in a cell is its value, unless it is its formula; a formula may have an empty value beside it."""
        if not self.is_in_formula and text.strip():
            self.has_value = True

    def end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "f":
            self.is_in_formula = False
        elif tag == "c" and (self.has_value or self.has_formula):
            self.scan.last_row, self.row_has_value = max(self.scan.last_row, self.row), True
            self.scan.last_column = max(self.scan.last_column, self.column)
            if self.has_formula and not self.has_value:
                self.scan.uncalculated.setdefault(self.row, set()).add(self.column)
        elif tag == "row" and self.row_has_value:
            self.scan.rows += 1


def number_of(letters: str) -> int:
    """The number of a column: `A` → 1, `AA` → 27."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number


def scan(archive: ZipFile) -> dict[str, SheetScan]:
    """The worksheets of a workbook by the name of their part; RefusedFileError for what nobody should parse."""
    counter, found = Counter(), {}
    for entry in archive.infolist():
        if entry.filename.endswith((".xml", ".rels", ".vml")):
            walk = SheetWalk(counter)
            is_sheet = entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml")
            walk_through(archive, entry, walk, with_text=is_sheet)
            if is_sheet:
                found[entry.filename] = walk.scan
        else:
            refuse_archive(next(pieces(archive, entry), b""))
    return found


def walk_through(archive: ZipFile, entry: ZipInfo, walk: SheetWalk, *, with_text: bool) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end
    if with_text:
        parser.buffer_text = True
        parser.CharacterDataHandler = walk.text
    try:
        for piece in pieces(archive, entry):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise damaged() from error


def pieces(archive: ZipFile, entry: ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(entry) as part:
            while piece := part.read(CHUNK):
                yield piece
    except (BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise damaged() from error
    except Exception as error:
        # zlib, lzma and bz2 each have an error of their own for data that is none of theirs.
        if type(error).__module__ in ("zlib", "_lzma", "_bz2"):
            raise damaged() from error
        raise


def refuse_doctype(*_: Any) -> None:
    raise RefusedFileError(
        "文書型の宣言（DTD）を含むファイルは、安全のため読みません。Excelで開いて、保存し直してから選んでください。"
    )


def refuse_archive(beginning: bytes) -> None:
    if beginning.startswith(b"PK\x03\x04"):
        raise RefusedFileError(
            "ファイルの中に別の圧縮ファイルが入っています。埋め込んだファイルを外し、保存し直してから選んでください。"
        )


def damaged() -> RefusedFileError:
    return RefusedFileError(
        "ファイルが壊れているか、途中で切れています。Excelで開けるか確かめ、保存し直してから選んでください。"
    )
