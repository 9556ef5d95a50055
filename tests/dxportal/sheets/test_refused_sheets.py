"""A sheet with a problem changes nothing, and all problems are listed with their cells and what is expected."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from django.contrib.auth.models import User

from budgets.models import BudgetLine
from dxportal.changesets.models import ChangeSet
from dxportal.sheets.models import Upload, UploadResult
from dxportal.staff.models import Role
from tests.dxportal.sheets.sheet_uploads import (
    AMOUNT,
    CODE,
    EQUIPMENT,
    KEY,
    KIND,
    KYOIKU,
    LIMIT,
    MUSEUM,
    NOTE,
    SILENT,
    STAGE,
    YEAR,
    append_row,
    changed_fields,
    fill_sheet,
    find_cell,
    load_sheet,
    problems_of,
    save_workbook,
    send_sheet,
    sheet_csv,
)
from tests.dxportal.staff.staff_actions import create_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("header", ["事業名", "部局名", "出典ページ", "URL", "部局コード", "出典資料", "事業コード"])
def test_any_other_column_is_refused_by_name(editor: User, header: str) -> None:
    upload = send_sheet(editor, fill_sheet({(MUSEUM, header): "ほか"}))
    assert upload.result == UploadResult.FAULTY
    assert upload.problems[0]["header"] == header
    assert "この列は、シートでは変えられません" in problems_of(upload)[0][2]


def test_all_problems_are_told_at_once_and_the_copy_is_marked(editor: User) -> None:
    from io import BytesIO

    from openpyxl import load_workbook

    cells = {(MUSEUM, AMOUNT): "たくさん", (MUSEUM, STAGE): "春", (EQUIPMENT, AMOUNT): 5, (EQUIPMENT, "年度"): "R4"}
    upload = send_sheet(editor, fill_sheet(cells))
    assert upload.result == UploadResult.FAULTY
    assert upload.problem_count == 3
    assert {one["sheet"] for one in upload.problems} == {"予算シート"}
    places = {one["place"]: one for one in upload.problems}
    sheet = load_workbook(BytesIO(bytes(upload.marked or b""))).worksheets[0]
    for name, problem in places.items():
        assert sheet[name].fill.fgColor.rgb == "FFFFF2B8"
        assert problem["expected"] in sheet[name].comment.text
    assert sheet[find_cell(sheet, EQUIPMENT, AMOUNT).coordinate].value == 5
    assert not ChangeSet.objects.exists()
    assert Upload.objects.get().problem_count == 3


def test_a_marked_copy_that_is_put_right_is_read_with_its_revision(editor: User) -> None:
    from io import BytesIO

    from openpyxl import load_workbook

    upload = send_sheet(editor, fill_sheet({(MUSEUM, AMOUNT): "たくさん"}))
    book = load_workbook(BytesIO(bytes(upload.marked or b"")))
    find_cell(book.worksheets[0], MUSEUM, AMOUNT).value = 7
    again = send_sheet(editor, save_workbook(book))
    assert again.notes == []
    assert len(changed_fields(again)) == 1


def test_the_copy_of_a_csv_is_a_workbook_with_its_cells(editor: User) -> None:
    from io import BytesIO

    from openpyxl import load_workbook

    text = sheet_csv().decode("utf-8-sig").replace(",20000,", ",=2万,")
    upload = send_sheet(editor, text.encode(), "シート.csv")
    (problem,) = upload.problems
    sheet = load_workbook(BytesIO(bytes(upload.marked or b""))).worksheets[0]
    assert (sheet[problem["place"]].value, sheet[problem["place"]].data_type) == ("=2万", "s")
    assert "千円単位の整数" in sheet[problem["place"]].comment.text


def test_more_problems_than_are_listed_are_counted(bureau: User) -> None:
    head = "行キー,年度,事業コード,予算額（千円）,融資枠（千円）"
    rows = "\n".join(f",2021,nothing-{number},1," for number in range(150))
    upload = send_sheet(bureau, f"{head}\n{rows}\n".encode(), "多い.csv")
    assert (upload.problem_count, len(upload.problems)) == (300, 100)


def test_two_rows_with_one_key_are_both_named(editor: User) -> None:
    book = load_sheet()
    sheet = book.worksheets[0]
    first = find_cell(sheet, MUSEUM, KEY).row
    sheet.append([cell.value for cell in sheet[first]])
    upload = send_sheet(editor, save_workbook(book))
    assert problems_of(upload) == [
        (
            find_cell(sheet, MUSEUM, KEY).column_letter + str(sheet.max_row),
            MUSEUM,
            f"{first}行目と同じ行キーです。どちらかの行を消してください。",
        )
    ]


def test_a_line_beside_one_that_is_there_is_refused_with_the_row(editor: User) -> None:
    row = {YEAR: 2021, CODE: "museum-exhibition", STAGE: "当初（前年度２月補正を含む）", KIND: "予算額", AMOUNT: 1}
    book = load_sheet()
    append_row(book.worksheets[0], row)
    upload = send_sheet(editor, save_workbook(book))
    assert "すでにある行と、事業・内訳・予算区分・種別が同じです" in problems_of(upload)[0][2]
    two = load_sheet()
    for amount in (1, 2):
        append_row(two.worksheets[0], row | {CODE: SILENT, AMOUNT: amount})
    upload = send_sheet(editor, save_workbook(two))
    assert f"{two.worksheets[0].max_row - 1}行目と、事業" in problems_of(upload)[0][2]


def test_the_rows_of_other_departments_stay_out_of_reach(editor: User) -> None:
    other = send_sheet(editor, save_workbook(load_sheet("somu")))
    assert other.result == UploadResult.REFUSED
    assert "取り込める部局は「教育庁」です" in other.reason
    lines = BudgetLine.objects.exclude(department__code=KYOIKU).filter(part=None)
    foreign = lines.select_related("project", "stage").first()
    assert foreign is not None
    key = f"{foreign.project.code}/2021/{foreign.stage.code}/{foreign.kind}"
    book = load_sheet()
    append_row(book.worksheets[0], {KEY: key, YEAR: 2021, CODE: foreign.project.code, AMOUNT: 1})
    upload = send_sheet(editor, save_workbook(book))
    assert "この年度・部局の行キーではありません" in problems_of(upload)[0][2]
    book = load_sheet()
    stage = "当初（前年度２月補正を含む）"
    row = {YEAR: 2021, CODE: foreign.project.code, STAGE: stage, KIND: "融資枠", LIMIT: 1}
    append_row(book.worksheets[0], row)
    upload = send_sheet(editor, save_workbook(book))
    assert upload.change_set is None
    assert "変えられません" in upload.reason or "二重に数えることになります" in upload.reason


def test_a_viewer_has_no_department_to_import_for() -> None:
    upload = send_sheet(create_user("viewer", Role.VIEWER, KYOIKU), save_workbook(load_sheet()))
    assert (upload.result, upload.change_set) == (UploadResult.REFUSED, None)


@pytest.mark.parametrize("unseen", ["\u202e", "\u200b", "\x07", "\u2066"])
def test_characters_that_nobody_sees_are_refused(editor: User, unseen: str) -> None:
    text = sheet_csv().decode("utf-8-sig")
    header, *rows = csv.reader(StringIO(text))
    row = next(row for row in rows if MUSEUM in row)
    row[header.index(NOTE)] = f"注{unseen}記"
    out = StringIO(newline="")
    csv.writer(out).writerows([header, row])
    upload = send_sheet(editor, out.getvalue().encode(), "一.csv")
    assert f"U+{ord(unseen):04X}" in problems_of(upload)[0][2]


def test_a_text_that_would_be_cut_is_refused(editor: User) -> None:
    upload = send_sheet(editor, fill_sheet({(MUSEUM, NOTE): "長" * 2001}))
    assert problems_of(upload)[0][2] == "2,000字までにしてください（2,001字あります）。"


def test_hidden_rows_are_read_unless_they_change_something(editor: User) -> None:
    for amount, result in ((20000, UploadResult.UNCHANGED), (7, UploadResult.FAULTY)):
        book = load_sheet()
        cell = find_cell(book.worksheets[0], MUSEUM, AMOUNT)
        cell.value = amount
        book.worksheets[0].row_dimensions[cell.row].hidden = True
        upload = send_sheet(editor, save_workbook(book))
        assert upload.result == result
    assert "隠れている行" in problems_of(upload)[0][2]


def test_a_formula_that_nobody_has_calculated_is_refused(editor: User) -> None:
    upload = send_sheet(editor, fill_sheet({(MUSEUM, AMOUNT): "=20000+1"}))
    assert "計算されていない数式" in problems_of(upload)[0][2]


# Headers


@pytest.mark.parametrize(
    ("rename", "expected"),
    [
        ({"予算額（千円）": "予算"}, "知らない列です"),
        ({"編集注": "予算額（千円）"}, "同じ名の列が二つあります"),
        ({"事業コード": ""}, "列の名がありません"),
    ],
)
def test_headers_that_are_unknown_or_stand_twice(editor: User, rename: dict[str, str], expected: str) -> None:
    book = load_sheet()
    for cell in book.worksheets[0][1]:
        cell.value = rename.get(cell.value, cell.value)
    upload = send_sheet(editor, save_workbook(book))
    assert upload.result == UploadResult.FAULTY
    assert any(expected in sentence for _, _, sentence in problems_of(upload))


def test_a_key_column_that_is_missing_is_named(editor: User) -> None:
    book = load_sheet()
    book.worksheets[0].delete_cols(3)
    upload = send_sheet(editor, save_workbook(book))
    assert "「事業コード」の列がありません" in problems_of(upload)[0][2]
    book = load_sheet()
    book.worksheets[0].delete_cols(book.worksheets[0].max_column)
    upload = send_sheet(editor, save_workbook(book))
    assert upload.result == UploadResult.REFUSED
    assert "「行キー」の列がない" in upload.reason
