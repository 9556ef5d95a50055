"""Parts of workbooks as other programs than Excel write them, or Excel itself on another day; Excel opens them all."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.dxportal.sheets.files import SHEET_PART

Change = Callable[[dict[str, bytes]], dict[str, bytes | None]]
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPES, WORKBOOK, RELATIONSHIPS = "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
OTHER_PART, STYLES, CORE = "xl/worksheets/sheet2.xml", "xl/styles.xml", "docProps/core.xml"
STRICT = {
    MAIN: b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships"
    ),
}


def replaced(part: str, old: bytes, new: bytes) -> Change:
    """One piece of a part replaced wherever it stands, which it does."""

    def change(parts: dict[str, bytes]) -> dict[str, bytes | None]:
        assert re.search(old, parts[part])
        return {part: re.sub(old, new, parts[part])}

    return change


def strict(parts: dict[str, bytes]) -> dict[str, bytes | None]:
    """Strict Open XML, one of Excel's own ways to save."""
    changed: dict[str, bytes | None] = {}
    for name, part in parts.items():
        for loose, tight in STRICT.items():
            part = part.replace(loose, tight)
        changed[name] = part
    return changed


def prefixed(parts: dict[str, bytes]) -> dict[str, bytes | None]:
    """All elements under a prefix."""
    part = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", parts[SHEET_PART]).replace(b"xmlns=", b"xmlns:x=")
    return {SHEET_PART: part}


def other_names(parts: dict[str, bytes]) -> dict[str, bytes | None]:
    """The worksheet in another folder, under a name that tells nothing."""
    return {
        SHEET_PART: None,
        "xl/worksheets/_rels/sheet1.xml.rels": None,
        "odd/Table.Dat": parts[SHEET_PART],
        TYPES: parts[TYPES].replace(b"/xl/worksheets/sheet1.xml", b"/odd/table.dat"),
        RELATIONSHIPS: re.sub(rb'"(/xl/)?worksheets/sheet1.xml"', b'"/odd/TABLE.DAT"', parts[RELATIONSHIPS]),
    }


def with_readings(parts: dict[str, bytes]) -> dict[str, bytes | None]:
    """Texts in runs, with the readings that Japanese Excel keeps of what was typed."""
    reading = rb'<is><r><t>\1</t></r><rPh sb="0" eb="1"><t>&#12424;&#12415;</t></rPh><phoneticPr fontId="1"/></is>'
    return {SHEET_PART: re.sub(rb"<is><t>([^<]*)</t></is>", reading, parts[SHEET_PART])}


def custom_properties(parts: dict[str, bytes]) -> dict[str, bytes | None]:
    declared = (
        b'<Override PartName="/docProps/custom.xml" '
        b'ContentType="application/vnd.openxmlformats-officedocument.custom-properties+xml"/></Types>'
    )
    properties = b'<Properties xmlns="a" xmlns:vt="b"><property fmtid="{D}" pid="2"><vt:i4>1</vt:i4></property>'
    return {
        TYPES: parts[TYPES].replace(b"</Types>", declared),
        "docProps/custom.xml": properties + b"</Properties>",
    }


def comments(parts: dict[str, bytes]) -> dict[str, bytes | None]:
    """Comments whose author is in no list."""
    name = next(name for name in parts if re.search(r"comments?\d+\.xml$", name))
    return {name: re.sub(rb'authorId="\d+"', b'authorId="5"', parts[name])}


def drawing(parts: dict[str, bytes]) -> dict[str, bytes | None]:
    """A drawing of comments that is no XML, as older programs write it."""
    name = next(name for name in parts if name.endswith(".vml"))
    return {name: b"<xml><br></xml>"}


def missing(part: str) -> Change:
    return lambda parts: {part: None}


def bare_styles(parts: dict[str, bytes]) -> dict[str, bytes | None]:
    return {STYLES: b'<styleSheet xmlns="' + MAIN + b'"/>'}


LINK = b'<hyperlinks><hyperlink ref="A1" r:id="rId77"/></hyperlinks>'
ODD: dict[str, Change] = {
    "Strict Open XML": strict,
    "elements under a prefix": prefixed,
    "the worksheet under another name": other_names,
    "texts with readings": with_readings,
    "a fill without a pattern": replaced(STYLES, rb"<fills[^>]*>", rb"\g<0><fill/>"),
    "no styles in the style sheet": bare_styles,
    "no style sheet": missing(STYLES),
    "a style that there is not": replaced(SHEET_PART, rb' s="\d+"', b' s="9999"'),
    "a style that there is not on the other sheet": replaced(OTHER_PART, rb' s="\d+"', b' s="9999"'),
    "a date without zeros in the properties": replaced(
        CORE, rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2026-1-5T9:0:0Z"
    ),
    "properties that are no XML": replaced(CORE, rb"</cp:coreProperties>", b""),
    "no properties": missing(CORE),
    "a property without a name": custom_properties,
    "a comment by nobody": comments,
    "a drawing that is no XML": drawing,
    "a link to nothing": replaced(SHEET_PART, rb"<pageMargins", LINK + b"<pageMargins"),
    "a link to nothing on the other sheet": replaced(OTHER_PART, rb"<pageMargins", LINK + b"<pageMargins"),
    "rows and cells without numbers": replaced(OTHER_PART, rb'(<row|<c) r="\w+"', rb"\1"),
}
