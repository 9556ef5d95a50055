"""The marked copy: written by the portal, it can be put right and sent back, and says what the upload said."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from dxportal.sheets.annotated_copy import NO_COPY_NOTE
from dxportal.sheets.models import Upload, UploadResult
from tests.dxportal.sheets.files import with_parts
from tests.dxportal.sheets.hostile import wrong_amount
from tests.dxportal.sheets.sheet_uploads import (
    AMOUNT,
    EQUIPMENT,
    KIND,
    MUSEUM,
    NOTE,
    SILENT,
    STAGE,
    fill_sheet,
    find_cell,
    load_sheet,
    save_workbook,
    send_sheet,
    sheet_csv,
)
from tests.dxportal.staff.staff_actions import sign_in_as
from tests.examples import examples


def copy_of(upload: Upload) -> bytes:
    assert upload.marked, (upload.result, upload.reason, upload.notes)
    return bytes(upload.marked)


def opened(upload: Upload) -> Any:
    return load_workbook(BytesIO(copy_of(upload)))


def wrong() -> dict[tuple[str, str], Any]:
    return {
        (MUSEUM, AMOUNT): "たくさん",
        (MUSEUM, STAGE): "春",
        (MUSEUM, "年度"): "R4",
        (EQUIPMENT, AMOUNT): date(2021, 4, 1),
        (EQUIPMENT, NOTE): "一行目\n二行目 _x000D_ <r>a</r> & =1+1",
        (SILENT, AMOUNT): 1.5,
        (SILENT, KIND): True,
        (SILENT, "事業名"): "ほかの名",
    }


def test_a_copy_that_is_sent_back_as_it_is_has_the_same_problems(editor: User) -> None:
    book = load_sheet()
    sheet = book.worksheets[0]
    for (row, header), value in wrong().items():
        find_cell(sheet, row, header).value = value
    sheet.row_dimensions[find_cell(sheet, MUSEUM, AMOUNT).row].hidden = True
    sheet.cell(1, sheet.max_column + 1, "知らない列")
    first = send_sheet(editor, save_workbook(book))
    assert first.problem_count == 1  # the column hides the others
    sheet.delete_cols(sheet.max_column)
    first = send_sheet(editor, save_workbook(book))
    assert first.problem_count > 5
    second = send_sheet(editor, copy_of(first))
    assert (second.problems, second.notes, second.fiscal_year) == (first.problems, first.notes, first.fiscal_year)


def test_the_portal_takes_its_copy_back(editor: User) -> None:
    client = sign_in_as(editor)

    def send(data: bytes) -> tuple[str, bytes]:
        file = SimpleUploadedFile("二月.xlsx", data)
        response = client.post("/admin/sheets/", {"sheet": file}, follow=True)
        address = response.redirect_chain[-1][0]
        copy = client.get(f"{address}marked.xlsx")
        return response.content.decode(), b"".join(copy.streaming_content) if copy.status_code == 200 else b""

    page, copy = send(fill_sheet(wrong()))
    again, copy_of_copy = send(copy)
    first = Upload.objects.last()
    assert first is not None
    assert f"直すところが{first.problem_count}か所あります" in page
    table = slice(page.index("<tbody>"), page.index("</tbody>"))
    assert page[table] == again[again.index("<tbody>") : again.index("</tbody>")]
    assert copy_of_copy


def test_what_is_put_right_in_a_copy_is_kept_with_its_revision(editor: User) -> None:
    upload = send_sheet(editor, fill_sheet({(MUSEUM, AMOUNT): "たくさん", (EQUIPMENT, AMOUNT): 5}))
    book = opened(upload)
    find_cell(book.worksheets[0], MUSEUM, AMOUNT).value = 7
    again = send_sheet(editor, save_workbook(book))
    assert (again.result, again.notes, again.changes) == (UploadResult.KEPT, [], 2)


def test_a_copy_can_be_worked_in(editor: User) -> None:
    """Widths, drop-downs and figures are those of the sheet; nothing is locked, anything may have to be mended."""
    book = opened(send_sheet(editor, fill_sheet(wrong())))
    sheet, original = book.worksheets[0], load_sheet().worksheets[0]
    assert [one.title for one in book.worksheets] == [one.title for one in load_sheet().worksheets]
    assert not sheet.protection.sheet
    assert sheet.freeze_panes == original.freeze_panes
    assert (sheet.page_setup.orientation, sheet.print_title_rows) == ("landscape", "$1:$1")
    assert {rule.formula1 for rule in sheet.data_validations.dataValidation} == {
        rule.formula1 for rule in original.data_validations.dataValidation
    }
    assert (
        find_cell(sheet, "ict-advanced-education/2021/initial-with-february/expenditure", AMOUNT).number_format
        == "#,##0"
    )
    assert find_cell(sheet, EQUIPMENT, AMOUNT).number_format == "yyyy/m/d"
    name = find_cell(sheet, MUSEUM, "事業名").column_letter
    assert sheet.column_dimensions[name].width == pytest.approx(original.column_dimensions[name].width, abs=1)
    assert [one.sheet_state for one in book.worksheets] == ["visible", "visible", "visible", "hidden"]


def test_a_formula_that_nobody_has_calculated_stands_in_the_copy_as_a_text(editor: User) -> None:
    upload = send_sheet(editor, fill_sheet({(MUSEUM, AMOUNT): "=20000+1"}))
    cell = find_cell(opened(upload).worksheets[0], MUSEUM, AMOUNT)
    assert (cell.value, cell.data_type) == ("=20000+1", "s")
    again = send_sheet(editor, copy_of(upload))
    assert [one["place"] for one in again.problems] == [one["place"] for one in upload.problems]


def test_a_csv_gets_a_workbook_that_says_the_same(editor: User) -> None:
    text = sheet_csv().decode("utf-8-sig").replace(",20000,", ",二万,").replace(MUSEUM, f"{MUSEUM} ")
    upload = send_sheet(editor, text.encode(), "シート.csv")
    again = send_sheet(editor, copy_of(upload))
    assert [one | {"sheet": ""} for one in again.problems] == upload.problems


def test_a_sheet_that_is_too_large_is_left_out_and_the_page_says_so(editor: User) -> None:
    book = load_sheet()
    find_cell(book.worksheets[0], MUSEUM, AMOUNT).value = "たくさん"
    large = book.create_sheet("資料")
    for number in range(5100):
        large.append([number])
    upload = send_sheet(editor, save_workbook(book))
    assert upload.notes == ["大きいシート「資料」は、印を付けた写しには入れていません。"]
    assert "資料" not in opened(upload).sheetnames


def test_where_there_can_be_no_copy_the_problems_are_listed_all_the_same(editor: User) -> None:
    text = sheet_csv().decode("utf-8-sig").replace(",20000,", ",二万,") + f",2021,,{'長' * 40_000}\r\n"
    upload = send_sheet(editor, text.encode(), "シート.csv")
    assert (upload.result, upload.marked) == (UploadResult.FAULTY, None)
    assert upload.problem_count >= 2
    page = sign_in_as(editor).get(upload.get_absolute_url()).content.decode()
    assert NO_COPY_NOTE in page
    assert "印を付けた写しを受け取る" not in page


def test_titles_that_excel_does_not_allow_are_changed(editor: User) -> None:
    data = with_parts(
        wrong_amount(),
        {"xl/workbook.xml": lambda part: part.replace('name="説明"'.encode(), 'name="予算:シート\'"'.encode())},
    )
    upload = send_sheet(editor, data)
    assert opened(upload).sheetnames == ["予算シート", "予算_シート_", "項目の説明", "選択肢"]


TYPED = st.one_of(
    st.integers(-5, 10**6), st.floats(0, 10**6), st.booleans(), st.dates(date(1950, 1, 1), date(2050, 1, 1)), st.text()
)


@pytest.mark.django_db
@examples(15)
@given(st.dictionaries(st.sampled_from([AMOUNT, NOTE, STAGE, KIND, "年度", "事業名"]), TYPED, min_size=1))
def test_any_wrong_cells_come_back_as_they_were(editor: User, cells: dict[str, Any]) -> None:
    typed = {
        (MUSEUM, header): ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
        for header, value in cells.items()
    }
    upload = send_sheet(editor, fill_sheet(typed))
    if upload.result == UploadResult.FAULTY:
        assert send_sheet(editor, copy_of(upload)).problems == upload.problems
