"""Reader of Open Packaging Conventions packages, the container of XLSX: parts in a ZIP, declared by content types.

The only module that opens an uploaded ZIP or parses XML. It enforces limits on elements, names and tokens over all
parts, against decompression bombs and the like. Errors of the ZIP and XML libraries pass through; `read_file` turns
them into refusals.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import unquote
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from dxportal.sheets.parsed_file import RefusedFileError

MAX_UNPACKED_BYTES = 50 * 1024 * 1024
MAX_COMPRESSION_RATIO = 100
MAX_PARTS = 200
MAX_DECLARATIONS = 10 * MAX_PARTS  # content types, or relationships of one part
MAX_ELEMENTS = 1_000_000
# Distinct names of elements and attributes: expat holds each until the part ends; Excel's own have hundreds.
MAX_XML_NAMES = 10_000
MAX_DEPTH = 200  # nesting depth; expat holds every open element
# Bytes of a tag or comment: expat rescans an incomplete one with each chunk (quadratic), and attributes become a dict.
MAX_TOKEN_BYTES = 1 << 20
BYTES_PER_READ = 1 << 16

CONTENT_TYPES = "[content_types].xml"
ZIP_SIGNATURE = b"PK\x03\x04"
SAVE_AS_XLSX = "Excelで開き、「名前を付けて保存」で「Excel ブック（.xlsx）」を選んで保存してから、選び直してください。"


class PartHandler:
    """SAX handler of a part; elements come by local name, so that Strict and Transitional Open XML are read alike.

    A part whose document element is not `root` is refused as damaged, instead of being read as empty.
    """

    root = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle a start tag; attribute names keep their namespace prefix."""

    def end(self, name: str) -> None:
        """Handle an end tag."""

    def text(self, text: str) -> None:
        """Handle character data."""


class ContentTypes(PartHandler):
    """Content types, declared for a part (Override) or for a file extension (Default)."""

    root = "Types"

    def __init__(self) -> None:
        self.by_extension: dict[str, str] = {}
        self.by_part: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        content_type = attributes.get("ContentType", "").partition(";")[0].strip().lower()
        if name == "Default":
            self.by_extension[attributes.get("Extension", "").lower()] = content_type
        elif name == "Override":
            self.by_part[part_name(attributes.get("PartName", ""))] = content_type
        if len(self.by_extension) + len(self.by_part) > MAX_DECLARATIONS:
            raise too_many_cells_error()

    def content_type_of(self, part: str) -> str:
        return self.by_part.get(part) or self.by_extension.get(part.rpartition(".")[2], "")

    def is_xml(self, part: str) -> bool:
        content_type = self.content_type_of(part)
        return not content_type.startswith("image/") and content_type.endswith(("+xml", "/xml", "vmldrawing"))


@dataclass(frozen=True)
class Relationship:
    """Relationship of one part to another; `kind` is the last segment of its type (`worksheet`, `styles`)."""

    id: str
    kind: str
    target: str


class Relationships(PartHandler):
    root = "Relationships"

    def __init__(self, source: str) -> None:
        self.folder = "/" + posixpath.dirname(source)
        self.relationships: list[Relationship] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = part_name(posixpath.join(self.folder, attributes.get("Target", "")))
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.relationships.append(Relationship(attributes.get("Id", ""), kind, target))
            if len(self.relationships) > MAX_DECLARATIONS:
                raise too_many_cells_error()


class Package:
    """Package; part names are lower case, because the conventions compare them without case.

    Raises RefusedFileError for an archive that is too large, encrypted, damaged or not a package.
    """

    def __init__(self, data: bytes) -> None:
        self.archive = ZipFile(BytesIO(data))
        self.check_entries(len(data))
        self.entries = {part_name(entry.filename): entry for entry in self.archive.infolist() if not entry.is_dir()}
        if len(self.entries) < sum(not entry.is_dir() for entry in self.archive.infolist()):
            raise damaged_file_error()  # duplicate part names: readers differ in which one they take
        self.elements = 0
        self.unread = set(self.entries)
        self.types = ContentTypes()
        if CONTENT_TYPES not in self.entries:
            raise not_a_workbook_error()
        self.parse_part(CONTENT_TYPES, self.types)

    def check_entries(self, packed: int) -> None:
        entries = self.archive.infolist()
        if len(entries) > MAX_PARTS:
            raise RefusedFileError(f"ファイルの中の部品が{MAX_PARTS}を超えています。{SAVE_AS_XLSX}")
        unpacked = sum(entry.file_size for entry in entries)
        if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_COMPRESSION_RATIO * packed:
            raise RefusedFileError(
                "ファイルを開くと大きくなりすぎます。使っている範囲だけを新しいブックに写し、保存してから選び直してください。"
            )
        if any(entry.flag_bits & 1 for entry in entries):
            raise RefusedFileError("暗号化されたファイルは読めません。暗号化を外して保存してから、選び直してください。")
        if any(entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for entry in entries):
            raise damaged_file_error()

    def __contains__(self, part: str) -> bool:
        return part in self.entries

    def relationships(self, part: str = "") -> list[Relationship]:
        """Read the internal relationships of a part, or of the package itself."""
        folder, name = posixpath.split(part)
        handler = Relationships(part)
        source = posixpath.join(folder, "_rels", f"{name}.rels")
        if source in self:
            self.parse_part(source, handler)
        return handler.relationships

    def parse_part(self, part: str, handler: PartHandler) -> None:
        """Parse a part, which is allowed once.

        Raises RefusedFileError for an exceeded limit or a DTD, and the errors of expat for malformed XML.
        """
        if part not in self.unread:
            raise damaged_file_error()
        self.unread.remove(part)
        depth = 0
        names: set[str] = set()

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            self.elements += 1
            names.add(name)
            names.update(attributes)
            if self.elements > MAX_ELEMENTS or depth > MAX_DEPTH or len(names) > MAX_XML_NAMES:
                raise too_many_cells_error()
            local = name.rpartition(":")[2]
            if depth == 1 and handler.root not in ("", local):
                raise damaged_file_error()
            handler.start(local, attributes)

        def end(name: str) -> None:
            nonlocal depth
            depth -= 1
            handler.end(name.rpartition(":")[2])

        # No namespace processing: expat would prefix each name with its URI, of any length. No interning: pyexpat would
        # hold each name a second time.
        parser = expat.ParserCreate(intern=None)
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = refuse_doctype
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        if type(handler).text is not PartHandler.text:
            parser.CharacterDataHandler = handler.text
        fed = 0
        for piece in self.read_chunks(part):
            parser.Parse(piece, False)
            fed += len(piece)
            if fed - parser.CurrentByteIndex > MAX_TOKEN_BYTES:
                raise too_many_cells_error()
        parser.Parse(b"", True)

    def check_unread_parts(self) -> None:
        """Check the parts that were not read against the same limits.

        Malformed XML in them is ignored, because they are not interpreted.
        """
        for part in sorted(self.unread):
            if self.types.is_xml(part):
                try:
                    self.parse_part(part, PartHandler())
                except (expat.ExpatError, LookupError, ValueError):
                    continue
            else:
                next(self.read_chunks(part), b"")

    def read_chunks(self, part: str) -> Iterator[bytes]:
        with self.archive.open(self.entries[part]) as file:
            beginning = file.read(BYTES_PER_READ)
            if beginning.startswith(ZIP_SIGNATURE):
                raise RefusedFileError(
                    "ファイルの中に別の圧縮ファイルが入っています。埋め込んだファイルを外し、保存し直してから選んでください。"
                )
            yield beginning
            while piece := file.read(BYTES_PER_READ):
                yield piece


def part_name(name: str) -> str:
    """Normalise the name of a part: `/xl/Worksheets/../Styles.xml` → `xl/styles.xml`."""
    return posixpath.normpath("/" + unquote(name)).lstrip("/").lower()


def refuse_doctype(*_: object) -> None:
    raise RefusedFileError(
        "文書型の宣言（DTD）を含むファイルは、安全のため読みません。Excelで開いて、保存し直してから選んでください。"
    )


def too_many_cells_error() -> RefusedFileError:
    return RefusedFileError(
        "ファイルの中の行や欄が多すぎます（書式だけの空の行も数えます）。"
        "使っている範囲だけを新しいブックに写し、保存してから選び直してください。"
    )


def damaged_file_error() -> RefusedFileError:
    return RefusedFileError(
        "ファイルが壊れているか、途中で切れています。Excelで開けるか確かめ、保存し直してから選んでください。"
    )


def not_a_workbook_error() -> RefusedFileError:
    return RefusedFileError(f"Excelブック（.xlsx）ではないファイルです。{SAVE_AS_XLSX}")
