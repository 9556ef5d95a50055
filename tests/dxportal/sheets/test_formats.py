"""Sheets that another version of the portal has written: read if their columns are the same, else refused in words."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from openpyxl import Workbook

from dxportal.sheets.models import UploadResult
from tests.dxportal.sheets.sheet_uploads import (
    AMOUNT,
    CODE,
    MUSEUM,
    changed_fields,
    find_cell,
    headers_of,
    load_sheet,
    save_workbook,
    send_sheet,
)

pytestmark = pytest.mark.django_db

FORMAT, REVISION = "シートの形式", "カタログの版"
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
    return next(row for row in book.worksheets[1].iter_rows() if row[0].value == label)


def former_sheet() -> Any:
    """Return the sheet as it was before it stated a format: row key first, and no prepared rows."""
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
        if row[0] != FORMAT:
            about.append(row)
    return former


def test_a_sheet_states_its_format() -> None:
    assert metadata_row(load_sheet(), FORMAT)[1].value == 1


def test_a_former_sheet_is_read(editor: User) -> None:
    assert send_sheet(editor, save_workbook(former_sheet())).result == UploadResult.UNCHANGED
    book = former_sheet()
    find_cell(book.worksheets[0], MUSEUM, AMOUNT).value = 20001
    upload = send_sheet(editor, save_workbook(book))
    assert (upload.rows, upload.notes) == (17, [])
    assert list(changed_fields(upload).values()) == [{"amount_thousand_yen": (20000, 20001)}]


@pytest.mark.parametrize("stated", ["1", 1.0, "１"])
def test_the_format_of_this_version_is_read_however_a_spreadsheet_keeps_it(editor: User, stated: Any) -> None:
    book = load_sheet()
    metadata_row(book, FORMAT)[1].value = stated
    assert send_sheet(editor, save_workbook(book)).result == UploadResult.UNCHANGED


@pytest.mark.parametrize("stated", [0, 2, 1.5, 10**12, "二", "新しい形式", True])
def test_another_format_is_refused_with_what_to_do(editor: User, stated: Any) -> None:
    book = load_sheet()
    metadata_row(book, FORMAT)[1].value = stated
    upload = send_sheet(editor, save_workbook(book))
    assert (upload.result, upload.change_set) == (UploadResult.REFUSED, None)
    assert upload.reason == (
        "このシートの形式は、今のポータルでは読めません。シートを受け取り直し、書き込みを写してください。"
    )
