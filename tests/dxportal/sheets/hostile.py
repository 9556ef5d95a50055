"""Workbooks that are small and would take minutes or gigabytes of whoever reads all that they claim to hold."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from functools import cache

from tests.dxportal.sheets.files import SHEET_PART, with_parts
from tests.dxportal.sheets.sheet_uploads import AMOUNT, MUSEUM, fill_sheet

OTHER_PART = "xl/worksheets/sheet2.xml"
TYPES, WORKBOOK, RELATIONSHIPS = "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OF_OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
OF_SHEETS = b"application/vnd.openxmlformats-officedocument.spreadsheetml."
EVERYWHERE = b"A1:XFD1048576"

Part = bytes | Callable[[bytes], bytes]


def hostile(parts: Mapping[str, Part]) -> bytes:
    """The sheet with one wrong amount, with parts replaced, and noise so that the bound on compression lets it pass."""
    noise = {"xl/media/noise.png": random.Random(1).randbytes(600_000)}  # noqa: S311  # no secret
    return with_parts(wrong_amount(), {**noise, **parts})


@cache
def wrong_amount() -> bytes:
    return fill_sheet({(MUSEUM, AMOUNT): "たくさん"})


def before(end: bytes, text: bytes) -> Callable[[bytes], bytes]:
    return lambda part: part.replace(end, text + end, 1)


def sheet(rows: bytes) -> bytes:
    return b'<worksheet xmlns="' + MAIN + b'"><sheetData>' + rows + b"</sheetData></worksheet>"


def many(element: bytes, count: int) -> bytes:
    return b"".join(element % number for number in range(count))


def with_shared_strings(strings: bytes, name: bytes = b"sharedStrings.xml") -> dict[str, Part]:
    """Shared strings beside those of the workbook, which come first."""
    declared = b'<Override PartName="/xl/%s" ContentType="%ssharedStrings+xml"/>' % (name, OF_SHEETS)
    pointer = b'<Relationship Id="odd" Type="%ssharedStrings" Target="%s"/>' % (OF_OFFICE, name)
    return {
        TYPES: before(b"</Types>", declared),
        RELATIONSHIPS: lambda part: re.sub(rb"(<Relationships[^>]*>)", lambda found: found[1] + pointer, part),
        f"xl/{name.decode()}": b'<sst xmlns="' + MAIN + b'">' + strings + b"</sst>",
    }


def with_sheets(count: int, part: bytes) -> dict[str, Part]:
    """So many more worksheets."""
    types = many(b'<Override PartName="/xl/worksheets/more%%d.xml" ContentType="%sworksheet+xml"/>' % OF_SHEETS, count)
    pointers = b"".join(
        b'<Relationship Id="more%d" Type="%sworksheet" Target="worksheets/more%d.xml"/>' % (n, OF_OFFICE, n)
        for n in range(count)
    )
    names = b"".join(b'<sheet name="more%d" sheetId="%d" r:id="more%d"/>' % (n, n + 50, n) for n in range(count))
    return {
        TYPES: before(b"</Types>", types),
        RELATIONSHIPS: before(b"</Relationships>", pointers),
        WORKBOOK: before(b"</sheets>", names),
        **{f"xl/worksheets/more{number}.xml": part for number in range(count)},
    }


def with_styles(formats: bytes) -> dict[str, Part]:
    return {"xl/styles.xml": b'<styleSheet xmlns="' + MAIN + b'">' + formats + b"</styleSheet>"}


def csv(text: bytes) -> bytes:
    return "行キー\n".encode() + text


MERGED = b'<mergeCells><mergeCell ref="%s"/></mergeCells>' % EVERYWHERE
LINKED = b'<hyperlinks><hyperlink ref="%s" location="A1"/></hyperlinks>' % EVERYWHERE
RANGES = (
    b'<conditionalFormatting sqref="%(r)s"><cfRule type="duplicateValues" priority="1"/></conditionalFormatting>'
    b'<dataValidations><dataValidation type="list" sqref="%(r)s"><formula1>A1:A2</formula1></dataValidation>'
    b'</dataValidations><ignoredErrors><ignoredError sqref="%(r)s" numberStoredAsText="1"/></ignoredErrors>'
) % {b"r": EVERYWHERE}
TOO_MUCH = "多すぎます"
READ = ""

# A description, the bytes, and words of the sentence that refuses the file; READ if it is accepted.
HOSTILE: list[tuple[str, Callable[[], bytes], str]] = [
    ("a merged cell as wide as the other sheet", lambda: hostile({OTHER_PART: before(b"<pageMargins", MERGED)}), READ),
    ("a link as wide as the table's sheet", lambda: hostile({SHEET_PART: before(b"<pageMargins", LINKED)}), READ),
    ("ranges as wide as the sheet", lambda: hostile({SHEET_PART: before(b"<pageMargins", RANGES)}), READ),
    (
        "a dimension as wide as the sheet",
        lambda: hostile(
            {SHEET_PART: lambda part: re.sub(rb"<dimension[^>]*>", b'<dimension ref="%s"/>' % EVERYWHERE, part)}
        ),
        READ,
    ),
    ("an attribute of 48 MB", lambda: hostile({OTHER_PART: b'<a b="' + b"x" * 48_000_000 + b'"/>'}), TOO_MUCH),
    (
        "a tag of 400,000 attributes",
        lambda: hostile({OTHER_PART: b"<a " + many(b'a%d="" ', 400_000) + b"/>"}),
        TOO_MUCH,
    ),
    (
        "900,000 names of elements",
        lambda: hostile({OTHER_PART: b"<worksheet>" + many(b"<b%d/>", 900_000) + b"</worksheet>"}),
        TOO_MUCH,
    ),
    ("900,000 elements within each other", lambda: hostile({OTHER_PART: b"<worksheet>" * 900_000}), TOO_MUCH),
    (
        "a long namespace before many names",
        lambda: hostile(
            {OTHER_PART: b'<worksheet xmlns="' + b"x" * 60_000 + b'">' + many(b"<b%d/>", 9_000) + b"</worksheet>"}
        ),
        READ,
    ),
    ("990,000 cell formats that are dates", lambda: hostile(with_styles(date_formats(990_000))), READ),
    ("format codes of many brackets", lambda: hostile(with_styles(bracket_formats())), READ),
    (
        "200,000 relationships",
        lambda: hostile(
            {RELATIONSHIPS: before(b"</Relationships>", many(b'<Relationship Id="x%d" Target="y"/>', 200_000))}
        ),
        TOO_MUCH,
    ),
    (
        "200,000 content types",
        lambda: hostile({TYPES: before(b"</Types>", many(b'<Override PartName="/x%d" ContentType="t"/>', 200_000))}),
        TOO_MUCH,
    ),
    (
        "a sheet listed 50,000 times",
        lambda: hostile({WORKBOOK: lambda part: re.sub(rb"(<sheet [^>]*/>)", lambda found: found[1] * 50_000, part)}),
        TOO_MUCH,
    ),
    ("a cell of 48 million characters", lambda: hostile({OTHER_PART: sheet(long_cell())}), TOO_MUCH),
    ("shared strings of 45 million characters", lambda: hostile(with_shared_strings(long_strings())), TOO_MUCH),
    (
        "two million shared strings under an odd name",
        lambda: hostile(with_shared_strings(many(b"<si><t>%d</t></si>", 1_000_000), b"strings.dat")),
        TOO_MUCH,
    ),
    (
        "66 sheets of formulas",
        lambda: hostile(with_sheets(66, sheet(b"<row><c><f/></c></row>" * 4_990))),
        READ,
    ),
    ("66 sheets of numbers", lambda: hostile(with_sheets(66, sheet(b"<row><c><v>1.5</v></c></row>" * 4_990))), READ),
    ("2,600,000 rows of CSV", lambda: csv(b"1\n" * 2_600_000), "5,000行まで"),
    ("a row of CSV of 5,200,000 cells", lambda: csv(b"," * 5_200_000 + b"1"), "50列まで"),
    ("a quoted cell of CSV of 5 MB", lambda: csv(b'"' + b"a" * 5_200_000 + b'"'), "引用符"),
]


def date_formats(count: int) -> bytes:
    return b"<cellXfs>" + b'<xf numFmtId="14"/>' * count + b"</cellXfs>"


def bracket_formats() -> bytes:
    formats = b"".join(
        b'<numFmt numFmtId="%d" formatCode="%s"/>' % (number, b"[" * 900_000) for number in range(200, 250)
    )
    return b"<numFmts>" + formats + b"</numFmts>"


def long_cell() -> bytes:
    return b'<row><c t="inlineStr"><is><t>' + b"x" * 48_000_000 + "😀".encode() + b"</t></is></c></row>"


def long_strings() -> bytes:
    return (b"<si><t>" + b"x" * 32_000 + "😀".encode() + b"</t></si>") * 1_400
