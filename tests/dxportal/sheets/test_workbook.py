"""The values of a workbook, whoever wrote it: as openpyxl reads them, and where openpyxl stumbles, as Excel does."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter
from django.contrib.auth.models import User
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.styles.numbers import is_date_format as is_date_format_of_openpyxl

from dxportal.sheets import file_reader
from dxportal.sheets.file_reader import read_file
from dxportal.sheets.models import Upload, UploadResult
from dxportal.sheets.number_formats import is_date_format
from dxportal.sheets.parsed_file import CellValue, DateFormattedNumber, RefusedFileError, cell_to_text, describe_cell
from dxportal.sheets.workbook import read_worksheets
from dxportal.sheets.worksheet_parts import unescape
from tests.dxportal.sheets.files import SHEET_PART, with_parts
from tests.dxportal.sheets.hostile import wrong_amount
from tests.dxportal.sheets.odd import ODD, Change
from tests.dxportal.sheets.sheet_uploads import (
    AMOUNT,
    KYOIKU,
    MUSEUM,
    fill_sheet,
    save_workbook,
    send_sheet,
    sheet_bytes,
)
from tests.examples import examples

HEADERS = ("key", "行キー")


def parts_of(data: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return made.getvalue()


# Workbooks of other programs


@pytest.mark.parametrize("change", ODD.values(), ids=list(ODD))
def test_what_excel_opens_is_read(editor: User, change: Change) -> None:
    data = sheet_bytes()
    upload = send_sheet(editor, with_parts(data, change(parts_of(data))))
    assert (upload.result, upload.reason, upload.rows, upload.notes) == (UploadResult.UNCHANGED, "", 17, [])


@pytest.mark.parametrize("change", ODD.values(), ids=list(ODD))
def test_what_excel_opens_gets_a_marked_copy(editor: User, change: Change) -> None:
    data = wrong_amount()
    upload = send_sheet(editor, with_parts(data, change(parts_of(data))))
    assert (upload.result, upload.problem_count) == (UploadResult.FAULTY, 1)
    assert upload.problems[0]["value"] == "たくさん"
    assert send_sheet(editor, bytes(upload.marked or b"")).problems == upload.problems


# Values

TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20).filter(str.strip)
VALUES = st.one_of(
    st.none(), TEXTS, st.booleans(), st.integers(-(10**14), 10**14), st.floats(-1e15, 1e15, allow_nan=False)
)
TABLES = st.lists(st.lists(VALUES, min_size=1, max_size=5), min_size=1, max_size=5)


def by_openpyxl(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    for cells in book.active.iter_rows():  # type: ignore[union-attr]
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    return save_workbook(book)


def by_xlsxwriter(rows: list[list[Any]], constant_memory: bool) -> bytes:
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"constant_memory": constant_memory, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, column, value)
            else:
                sheet.write(number, column, value)
    book.close()
    return file.getvalue()


WRITERS: list[Callable[[list[list[Any]]], bytes]] = [
    by_openpyxl,
    lambda rows: by_xlsxwriter(rows, False),
    lambda rows: by_xlsxwriter(rows, True),
]


def same(read: CellValue, written: Any) -> bool:
    if isinstance(written, str) and not isinstance(written, bool):
        # A text that looks like an escaped character is written so by neither of them.
        return cell_to_text(read) == cell_to_text(unescape(written))
    if isinstance(written, float):
        return read == pytest.approx(written, rel=1e-14)  # XlsxWriter writes 16 digits
    return type(read) is type(written) and read == written


@pytest.mark.on_no_database
@pytest.mark.parametrize("write", WRITERS, ids=["openpyxl", "shared strings", "inline strings"])
@examples(40)
@given(rows=TABLES)
def test_values_are_read_as_they_were_written(write: Callable[[list[list[Any]]], bytes], rows: list[list[Any]]) -> None:
    (sheet,) = read_worksheets(write(rows))
    for number, row in enumerate(rows, 1):
        for column, written in enumerate(row, 1):
            assert same(sheet.rows.get(number, {}).get(column), written)
    assert sum(map(len, sheet.rows.values())) == sum(value is not None for row in rows for value in row)


def cell(attributes: str, content: str) -> CellValue:
    """Return the value that is read from one cell in A1."""
    xml = f'<worksheet><sheetData><row r="1"><c r="A1" {attributes}>{content}</c></row></sheetData></worksheet>'
    sheet = read_worksheets(with_parts(by_xlsxwriter([["x"]], False), {SHEET_PART: xml.encode()}))[0]
    return sheet.rows.get(1, {}).get(1)


@pytest.mark.on_no_database
@pytest.mark.parametrize(
    ("attributes", "content", "value"),
    [
        ("", "<v>45586</v>", 45586),
        ("", "<v>11000.000000000002</v>", 11000.000000000002),
        ("", "<v>2.0001E4</v>", 20001.0),
        ("", "<v> 7 </v>", 7),
        ("", "<v></v>", None),
        ('t="n"', "<f>1+1</f><v>2</v>", 2),
        ('t="str"', "<f>A2</f><v>文</v>", "文"),
        ('t="str"', '<f>""</f><v></v>', None),
        ('t="b"', "<v>1</v>", True),
        ('t="b"', "<v>0</v>", False),
        ('t="e"', "<v>#REF!</v>", "#REF!"),
        ('t="inlineStr"', "<is><t>一_x000D_二</t></is>", "一\r二"),
        ('t="inlineStr"', "<is><t>_xD83D__xDE00_</t></is>", "😀"),
        ('t="inlineStr"', "<is><t>_xD83D_</t></is>", "\ufffd"),
        ('t="inlineStr"', "<is><t>_x005F_x0041_</t></is>", "_x0041_"),
        ('t="inlineStr"', "<is><t> </t></is>", None),
        ('t="s"', "<v>0</v>", "x"),
        ('t="d"', "<v>2024-10-21T00:00:00</v>", 45586.0),
        ('t="d"', "<v>2024-10-21</v>", 45586.0),
        ('t="d"', "<v>いつか</v>", "いつか"),
    ],
)
def test_each_kind_of_cell(attributes: str, content: str, value: CellValue) -> None:
    read = cell(attributes, content)
    assert (read, type(read) is bool) == (value, type(value) is bool)


@pytest.mark.on_no_database
@pytest.mark.parametrize("number", ["nan", "INF", "1e999", "１２", "1,000", "0x10", "1_000", "--1", "千"])
def test_a_number_that_is_none_is_damage(number: str) -> None:
    with pytest.raises(RefusedFileError, match="壊れている"):
        cell("", f"<v>{number}</v>")


@pytest.mark.on_no_database
@pytest.mark.parametrize("index", ["-1", "1", "99999999999", "1.0", "x"])
def test_a_shared_string_that_there_is_not_is_damage(index: str) -> None:
    with pytest.raises(RefusedFileError, match="壊れている"):
        cell('t="s"', f"<v>{index}</v>")


@pytest.mark.on_no_database
def test_a_formula_without_a_value_is_no_empty_cell() -> None:
    book = Workbook()
    book.active["B2"] = "=1+1"  # type: ignore[index]
    (sheet,) = read_worksheets(save_workbook(book))
    assert (sheet.uncalculated, sheet.rows, sheet.filled_rows) == ({2: {2: "=1+1"}}, {2: {}}, 1)


# Dates


@pytest.mark.on_no_database
@pytest.mark.parametrize(
    ("code", "is_date"),
    [
        ("General", False),
        ("#,##0", False),
        ('#,##0"千円"', False),
        ("0.00E+00", False),
        ("0%", False),
        ("@", False),
        ("# ?/?", False),
        ("#,##0;[Red]-#,##0", False),
        ('_("$"* #,##0_);_("$"* \\(#,##0\\)', False),
        ('0" days"', False),
        ("0\\d", False),
        ("[DBNum1]0", False),
        ("yyyy/m/d", True),
        ("m/d/yy h:mm", True),
        ("[h]:mm:ss", True),
        ("mmm-yy", True),
        ('[$-411]ggge"年"m"月"d"日";@', True),
        ('yyyy"年"m"月"', True),
    ],
)
def test_which_formats_are_dates(code: str, is_date: bool) -> None:
    assert is_date_format(code) == is_date
    assert is_date_format(code) == is_date_format_of_openpyxl(code)


@pytest.mark.on_no_database
@pytest.mark.parametrize("code", ["[$-411]ge", 'ggge"年"', "aaa"])
def test_japanese_years_and_weekdays_are_dates_too(code: str) -> None:
    assert is_date_format(code)


@pytest.mark.on_no_database
def test_a_date_is_the_number_and_shown_as_a_date() -> None:
    (sheet,) = read_worksheets(by_openpyxl([[datetime(2021, 4, 1), datetime(2021, 4, 1, 12), 44287]]))
    first, second, third = sheet.rows[1].values()
    assert (first, cell_to_text(first), describe_cell(first)) == (44287, "44287", "2021/4/1")
    assert (second, cell_to_text(second), describe_cell(second)) == (44287.5, "44287.5", "2021/4/1")
    assert (third, describe_cell(third)) == (44287, "44287")
    assert [isinstance(value, DateFormattedNumber) for value in (first, second, third)] == [True, True, False]


# Damage


def damage(parts: dict[str, bytes], by: random.Random) -> bytes:
    """A workbook with one thing wrong: in the package, or in a part before it is packed."""
    name, other = by.choice(list(parts)), by.choice(list(parts))
    part = bytearray(parts[name])
    place = by.randrange(len(part))
    match by.randrange(7):
        case 0:
            parts = parts | {name: parts[other], other: parts[name]}
        case 1:
            parts = {key: value for key, value in parts.items() if key != name}
        case 2:
            parts = {key + "x" if key == name else key: value for key, value in parts.items()}
        case 3:
            part[place] ^= 1 << by.randrange(8)
            parts = parts | {name: bytes(part)}
        case 4:
            parts = parts | {name: bytes(part[:place] + part[place + by.randrange(40) :])}
        case 5:
            parts = parts | {name: bytes(part[:place] + by.randbytes(by.randrange(9)) + part[place:])}
        case _:
            whole = bytearray(packed(parts))
            for _ in range(by.randrange(1, 4)):
                whole[by.randrange(len(whole))] = by.randrange(256)
            return bytes(whole)
    return packed(parts)


def answer(data: bytes) -> str:
    try:
        read_file(data, HEADERS)
    except RefusedFileError as error:
        return str(error)
    return "読めた。"


@pytest.mark.django_db
def test_whatever_is_damaged_is_read_or_refused() -> None:
    by = random.Random(19)  # noqa: S311  # no secret
    parts = [parts_of(sheet_bytes()), parts_of(wrong_amount()), parts_of(fill_sheet({(MUSEUM, AMOUNT): 1}))]
    answers = [answer(damage(by.choice(parts), by)) for _ in range(400)]
    assert all(sentence.endswith("。") for sentence in answers)
    common = ("読めた。", "ファイルが壊れて", "（.xlsx）ではない", "の列がないので、予算シートではありません")
    for part in common:
        assert any(part in sentence for sentence in answers), part
    assert answers.count("読めた。") > 100


@pytest.mark.django_db
@examples(60)
@given(st.randoms(use_true_random=False))
def test_damage_of_any_kind_is_answered(by: random.Random) -> None:
    assert answer(damage(parts_of(wrong_amount()), by)).endswith("。")


@pytest.mark.parametrize("error", [MemoryError, RecursionError, LookupError, NotImplementedError, struct.error])
def test_whatever_a_parser_raises_is_a_refusal_with_a_record(
    editor: User, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def stumble(data: bytes) -> None:
        raise error

    monkeypatch.setattr(file_reader, "read_worksheets", stumble)
    send_sheet(editor, sheet_bytes())
    upload = Upload.objects.get()
    assert upload.result == UploadResult.REFUSED
    assert upload.reason.endswith("選び直してください。") or upload.reason.endswith("選んでください。")


@pytest.mark.django_db
def test_the_sheet_is_read_as_openpyxl_reads_it() -> None:
    for code in (None, KYOIKU):
        read = read_worksheets(sheet_bytes(code))
        book = load_workbook(BytesIO(sheet_bytes(code)))
        assert [(sheet.title, sheet.is_hidden) for sheet in read] == [
            (sheet.title, sheet.sheet_state != "visible") for sheet in book.worksheets
        ]
        for sheet, other in zip(read, book.worksheets, strict=True):
            values = {
                (row, column): cell_to_text(value)
                for row, cells in sheet.rows.items()
                for column, value in cells.items()
            }
            cells = (one for cells in other.iter_rows() for one in cells if one.value is not None)
            assert values == {(one.row, one.column): cell_to_text(unescape(str(one.value))) for one in cells}
