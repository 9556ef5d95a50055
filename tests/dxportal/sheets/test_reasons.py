"""The column 増減の理由 of a sheet: one text of a project, in its first row, read from any of its rows."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from openpyxl import load_workbook

from budgets.models import ChangeReason
from dxportal.changesets.models import ChangeSet
from dxportal.changesets.workflow import propose, publish, undo
from dxportal.sheets.models import Upload, UploadResult
from tests.budgets.making import change_reason, department, line
from tests.dxportal.changesets.change_sets import publish_edits
from tests.dxportal.sheets.sheet_uploads import (
    AMOUNT,
    CODE,
    EQUIPMENT,
    KEY,
    KIND,
    MUSEUM,
    NAME,
    SILENT,
    STAGE,
    append_row,
    changed_fields,
    fill_sheet,
    find_cell,
    headers_of,
    load_sheet,
    prepared_rows,
    problems_of,
    save_workbook,
    send_sheet,
    sheet_csv,
    type_into_row,
)

pytestmark = pytest.mark.django_db

REASON = "増減の理由"
PROJECT = "museum-exhibition"
JUNE = f"{PROJECT}/2021/june/expenditure"
TEXT = "展示室を改修するため。"


@pytest.fixture(autouse=True)
def two_years(db: None) -> None:
    """A project with two rows in 2021, and an amount in 2020 with which that year is compared."""
    line(PROJECT, 500, stage="june")
    line(PROJECT, 15000, fiscal_year=2020)


def reasons_in(sheet: Any) -> dict[str, str]:
    """The reasons that a sheet states, by row key or else project code."""
    column, key, code = (headers_of(sheet).index(name) for name in (REASON, KEY, CODE))
    rows = [[cell.value for cell in cells] for cells in sheet.iter_rows(min_row=2)]
    return {row[key] or row[code]: row[column] for row in rows if row[column]}


def rows_of(sheet: Any) -> list[str]:
    """The row keys of a sheet, in its order."""
    column = headers_of(sheet).index(KEY)
    return [cells[column].value for cells in sheet.iter_rows(min_row=2) if cells[column].value]


def publish_upload(upload: Upload, user: User) -> ChangeSet:
    assert upload.change_set is not None, (upload.result, upload.reason, problems_of(upload))
    return publish(propose(upload.change_set), user)


@pytest.mark.parametrize("code", ["kyoiku", None])
def test_it_stands_in_the_first_row_of_its_project(code: str | None) -> None:
    change_reason(PROJECT, TEXT)
    change_reason(SILENT, "額の記載がなくなった理由")
    change_reason(PROJECT, "別の年度の理由", base_year=2019)
    line(PROJECT, 7, stage="september", department=department("somu"))
    sheet = load_sheet(code).worksheets[0]
    (first, text), *others = reasons_in(sheet).items()
    assert text == TEXT
    assert others == [(SILENT, "額の記載がなくなった理由")]
    of_project = [key for key in rows_of(sheet) if key.startswith(f"{PROJECT}/")]
    assert first == of_project[0]
    assert len(of_project) == (3 if code is None else 2)


@pytest.mark.parametrize("form", ["xlsx", "utf-8", "cp932"])
@pytest.mark.parametrize("text", ["一行目\n二行目", "=1+1", "髙い①〜\U0002000b", "長" * 2001])
def test_a_sheet_that_nobody_wrote_into_changes_nothing(editor: User, form: str, text: str) -> None:
    publish_edits(lambda: change_reason(PROJECT, text))
    data = save_workbook(load_sheet()) if form == "xlsx" else sheet_csv("kyoiku", form)
    upload = send_sheet(editor, data)
    assert (upload.result, problems_of(upload)) == (UploadResult.UNCHANGED, [])


@pytest.mark.parametrize("row", [MUSEUM, JUNE])
def test_it_is_read_from_any_row_published_and_undone(editor: User, bureau: User, row: str) -> None:
    upload = send_sheet(editor, fill_sheet({(row, REASON): f" {TEXT} ", (EQUIPMENT, AMOUNT): 5}))
    assert changed_fields(upload)[f"{PROJECT} 2021 2020"]["text"] == (None, TEXT)
    assert len(changed_fields(upload)) == 2
    published = publish_upload(upload, bureau)
    assert ChangeReason.objects.get().text == TEXT
    assert list(reasons_in(load_sheet().worksheets[0]).values()) == [TEXT]
    assert send_sheet(editor, fill_sheet({(row, REASON): TEXT})).result == UploadResult.UNCHANGED
    undo(published, bureau)
    assert not ChangeReason.objects.exists()


def test_another_text_replaces_it_a_blank_cell_leaves_it_and_a_word_deletes_it(editor: User) -> None:
    row = change_reason(PROJECT, TEXT)
    first = next(iter(reasons_in(load_sheet().worksheets[0])))
    assert changed_fields(send_sheet(editor, fill_sheet({(first, REASON): "改めた理由"}))) == {
        f"{PROJECT} 2021 2020": {"text": (TEXT, "改めた理由")}
    }
    for blank in (None, "", "　"):
        assert send_sheet(editor, fill_sheet({(first, REASON): blank})).result == UploadResult.UNCHANGED
    upload = send_sheet(editor, fill_sheet({(first, REASON): "記載なし"}))
    assert upload.change_set is not None
    assert [(change.row, change.action) for change in upload.change_set.changes.all()] == [(row.pk, "delete")]
    assert send_sheet(editor, fill_sheet({(EQUIPMENT, REASON): "記載なし"})).result == UploadResult.UNCHANGED


def test_two_texts_of_a_project_are_a_problem_of_each_row(editor: User) -> None:
    upload = send_sheet(editor, fill_sheet({(MUSEUM, REASON): "一つめ", (JUNE, REASON): "二つめ"}))
    sheet = load_sheet().worksheets[0]
    museum, june = (find_cell(sheet, row, REASON) for row in (MUSEUM, JUNE))
    told = {place: (value, sentence) for place, value, sentence in problems_of(upload)}
    assert told.keys() == {museum.coordinate, june.coordinate}
    assert [told[cell.coordinate][0] for cell in (museum, june)] == ["一つめ", "二つめ"]
    assert f"{june.row}行目と違います" in told[museum.coordinate][1]
    assert f"{museum.row}行目と違います" in told[june.coordinate][1]
    marked = load_workbook(BytesIO(upload.marked or b"")).worksheets[0]
    assert marked[june.coordinate].comment
    # the same text twice is one
    both = fill_sheet({(MUSEUM, REASON): TEXT, (JUNE, REASON): TEXT})
    assert list(changed_fields(send_sheet(editor, both))) == [f"{PROJECT} 2021 2020"]


@pytest.mark.parametrize("typed", ["新しい理由", "記載なし"])
def test_a_text_beside_the_one_that_is_left_is_a_problem_too(editor: User, typed: str) -> None:
    change_reason(PROJECT, TEXT)
    first = next(iter(reasons_in(load_sheet().worksheets[0])))
    other = JUNE if first == MUSEUM else MUSEUM
    upload = send_sheet(editor, fill_sheet({(other, REASON): typed}))
    assert sorted(value for _, value, _ in problems_of(upload)) == sorted([TEXT, typed])


def test_a_project_without_an_amount_has_a_reason_too(editor: User) -> None:
    assert list(changed_fields(send_sheet(editor, fill_sheet({(SILENT, REASON): TEXT})))) == [f"{SILENT} 2021 2020"]


def test_in_a_new_year_it_is_typed_into_a_row_below_the_table(editor: User, bureau: User) -> None:
    book = load_sheet(year=2022)
    sheet = book.worksheets[0]
    first, second, *_ = prepared_rows(sheet)
    type_into_row(sheet, first, {CODE: PROJECT, REASON: TEXT})
    type_into_row(sheet, second, {CODE: PROJECT, STAGE: "当初", KIND: "予算額", AMOUNT: 4})
    upload = send_sheet(editor, save_workbook(book))
    assert changed_fields(upload).keys() == {f"{PROJECT} 2022 2021", f"{PROJECT}  2022 initial expenditure"}
    publish_upload(upload, bureau)
    assert ChangeReason.objects.get().natural_key() == (PROJECT, "2022", "2021")
    assert list(reasons_in(load_sheet(year=2022).worksheets[0]).values()) == [TEXT]


def test_in_the_first_year_with_amounts_there_is_nothing_to_explain(editor: User) -> None:
    book = load_sheet(year=2020)
    (earliest,) = rows_of(book.worksheets[0])
    find_cell(book.worksheets[0], earliest, REASON).value = TEXT
    ((_, value, sentence),) = problems_of(send_sheet(editor, save_workbook(book)))
    assert (value, sentence) == (TEXT, "前に額のある年度がないので、増減の理由は書けません。空にしてください。")


def test_that_of_another_departments_project_is_refused(editor: User) -> None:
    book = load_sheet()
    append_row(book.worksheets[0], {"年度": 2021, CODE: "workation", REASON: "よその理由"})
    upload = send_sheet(editor, save_workbook(book))
    assert upload.result == UploadResult.REFUSED
    assert "増減の理由「ワーケーション推進事業" in upload.reason
    assert "ほかの部局のもの" in upload.reason
    assert not ChangeSet.objects.exists()


def test_the_bureau_gives_a_new_project_its_reason(bureau: User) -> None:
    book = load_sheet(None)
    new = {"年度": 2021, CODE: "brand-new", NAME: "新しい事業", "部局コード": "kyoiku", REASON: "新しく始めるため。"}
    append_row(book.worksheets[0], new)
    assert changed_fields(send_sheet(bureau, save_workbook(book))).keys() == {"brand-new", "brand-new 2021 2020"}


@pytest.mark.parametrize("text", ["改革\u200bのため", "長" * 2001])
def test_a_text_that_cannot_be_is_a_problem_of_its_cell(editor: User, text: str) -> None:
    data = fill_sheet({(MUSEUM, REASON): text})
    ((place, _, _),) = problems_of(send_sheet(editor, data))
    assert place == find_cell(load_sheet().worksheets[0], MUSEUM, REASON).coordinate


def test_one_in_a_hidden_row_is_not_taken_silently(editor: User) -> None:
    book = load_sheet()
    cell = find_cell(book.worksheets[0], MUSEUM, REASON)
    cell.value = TEXT
    book.worksheets[0].row_dimensions[cell.row].hidden = True
    ((_, _, sentence),) = problems_of(send_sheet(editor, save_workbook(book)))
    assert "隠れている行" in sentence


def test_an_old_sheet_takes_nothing_back(editor: User) -> None:
    old = fill_sheet({(EQUIPMENT, AMOUNT): 5})
    publish_edits(lambda: change_reason(PROJECT, TEXT))
    assert len(changed_fields(send_sheet(editor, old))) == 1
