"""Sheets that another version of the portal has written are refused in words: their columns are others."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from openpyxl import Workbook

from dxportal.sheets.models import UploadResult
from tests.dxportal.sheets.sheet_uploads import (
    CODE,
    KEY,
    MUSEUM,
    NOTE,
    YEAR,
    changed_fields,
    headers_of,
    load_sheet,
    save_workbook,
    send_sheet,
)

pytestmark = pytest.mark.django_db

FORMAT, REVISION = "シートの形式", "カタログの版"
TAKE_A_NEW_ONE = "このシートの形式は、今のポータルでは読めません。シートを受け取り直し、書き込みを写してください。"
FORMER_ORDER = (
    "行キー",
    "年度",
    "事業コード",
    "事業名",
    "内訳",
    "部局コード",
    "部局名",
    "予算区分",
    "種別",
    "予算額（千円）",
    "出典資料",
    "出典ページ",
    "URL",
    "編集注",
)


def metadata_row(book: Any, label: str) -> Any:
    return next(row for row in book.worksheets[1].iter_rows() if row[1].value == label)


def former_sheet() -> Any:
    """Return the sheet as version 0.1.0 wrote it: without a format, with one column for amounts, the row key first."""
    book, former = load_sheet(), Workbook()
    table = former.active
    assert table is not None
    sheet = book.worksheets[0]
    places = [headers_of(sheet).index(header) for header in FORMER_ORDER]
    code = headers_of(sheet).index(CODE)
    for row in sheet.iter_rows(values_only=True):
        if row[code] is not None:
            table.append([row[place] for place in places])
    about = former.create_sheet("説明")
    for row in book.worksheets[1].iter_rows(values_only=True):
        if row[1] != FORMAT:
            about.append(row[1:])
    return former


def refused_as_former(editor: User, data: bytes, name: str = "シート.xlsx") -> bool:
    upload = send_sheet(editor, data, name)
    return (upload.result, upload.change_set, upload.reason) == (UploadResult.REFUSED, None, TAKE_A_NEW_ONE)


def test_a_sheet_states_its_format() -> None:
    assert metadata_row(load_sheet(), FORMAT)[2].value == 2


def test_a_former_sheet_is_refused_with_what_to_do(editor: User) -> None:
    assert refused_as_former(editor, save_workbook(former_sheet()))
    stating = former_sheet()
    stating.worksheets[1].append([FORMAT, 1])
    assert refused_as_former(editor, save_workbook(stating))


def test_a_former_sheet_is_told_by_its_columns_too(editor: User) -> None:
    book = former_sheet()
    del book["説明"]
    assert refused_as_former(editor, save_workbook(book))
    rows = [[cell or "" for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    text = "\n".join(",".join(map(str, row)) for row in rows)
    assert refused_as_former(editor, text.encode(), "シート.csv")


def test_a_sheet_without_amounts_is_of_no_former_format(editor: User) -> None:
    text = f"{KEY},{YEAR},{CODE},{NOTE}\n{MUSEUM},2021,museum-exhibition,改めた\n"
    assert list(changed_fields(send_sheet(editor, text.encode(), "シート.csv")).values()) == [
        {"editorial_note": ("", "改めた")}
    ]


@pytest.mark.parametrize("stated", ["2", 2.0, "２"])
def test_the_format_of_this_version_is_read_however_a_spreadsheet_keeps_it(editor: User, stated: Any) -> None:
    book = load_sheet()
    metadata_row(book, FORMAT)[2].value = stated
    assert send_sheet(editor, save_workbook(book)).result == UploadResult.UNCHANGED


@pytest.mark.parametrize("stated", [0, 1, 3, 1.5, 10**12, "二", "新しい形式", True])
def test_another_format_is_refused_with_what_to_do(editor: User, stated: Any) -> None:
    book = load_sheet()
    metadata_row(book, FORMAT)[2].value = stated
    assert refused_as_former(editor, save_workbook(book))
