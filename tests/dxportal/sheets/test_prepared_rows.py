"""Rows below the table of a sheet, in which the year and the department are filled in and lines can be added."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from budgets.models import BudgetLine
from catalog.models import Department
from dxportal.changesets.workflow import propose, publish
from dxportal.sheets.budget_sheet import PREPARED_ROWS, BudgetSheet
from dxportal.sheets.models import UploadResult
from dxportal.sheets.upload_limits import MAX_UPLOAD_ROWS
from projects.models import Project, ProjectPart
from tests.dxportal.changesets.change_sets import publish_edits
from tests.dxportal.sheets.sheet_uploads import (
    AMOUNT,
    CODE,
    KIND,
    KYOIKU,
    NAME,
    PART,
    SILENT,
    STAGE,
    YEAR,
    changed_fields,
    department,
    headers_of,
    load_sheet,
    prepared_rows,
    problems_of,
    save_workbook,
    send_sheet,
    sheet_csv,
    type_into_row,
)
from tests.examples import examples

pytestmark = pytest.mark.django_db

JUNE = {STAGE: "６月補正", KIND: "予算額", AMOUNT: 500}
OF_MUSEUM = {CODE: "museum-exhibition"}
KEY_OF_JUNE = "museum-exhibition  2021 june expenditure"
STAGES = {"june": "６月補正", "september": "９月補正", "december": "12月補正"}


def send_typed(user: User, values: dict[str, Any], code: str | None = KYOIKU) -> Any:
    """Send a sheet with values typed into its first prepared row."""
    book = load_sheet(code)
    sheet = book.worksheets[0]
    type_into_row(sheet, prepared_rows(sheet)[0], values)
    return send_sheet(user, save_workbook(book))


def values_of(sheet: Any, row: int) -> dict[str, Any]:
    cells = zip(headers_of(sheet), sheet[row], strict=True)
    return {header: cell.value for header, cell in cells if cell.value is not None}


# Files


def test_year_and_department_are_filled_in_and_every_cell_is_open() -> None:
    sheet = load_sheet().worksheets[0]
    rows = prepared_rows(sheet)
    assert rows == [*range(19, 19 + PREPARED_ROWS)]
    for row in rows:
        assert values_of(sheet, row) == {YEAR: 2021, "部局コード": KYOIKU, "部局名": "教育庁"}
        assert not any(cell.protection.locked for cell in sheet[row])
    locked = {
        header for header, cell in zip(headers_of(sheet), sheet[rows[0] - 1], strict=True) if cell.protection.locked
    }
    assert {NAME, CODE, YEAR, "行キー"} <= locked
    assert all(cell.protection.locked for cell in sheet[1])


def test_the_cells_below_the_prepared_rows_are_open_too() -> None:
    sheet = load_sheet().worksheets[0]
    columns = sheet.column_dimensions.values()  # one for neighbours of one width
    assert not any(column.protection.locked for column in columns)
    open_columns = {number for column in columns for number in range(column.min, column.max + 1)}
    assert open_columns == {*range(1, sheet.max_column + 1)}


def test_the_sheet_of_all_departments_leaves_the_department_open() -> None:
    sheet = load_sheet(None).worksheets[0]
    rows = prepared_rows(sheet)
    assert len(rows) == PREPARED_ROWS
    assert values_of(sheet, rows[0]) == {YEAR: 2021}


def test_there_is_a_name_first_and_the_row_key_last_in_every_form() -> None:
    for code in (KYOIKU, None):
        headers = headers_of(load_sheet(code).worksheets[0])
        assert (headers[0], headers[-1]) == (NAME, "行キー")
        assert next(csv.reader(StringIO(sheet_csv(code).decode("utf-8-sig")))) == headers


def test_a_csv_has_no_prepared_rows() -> None:
    rows = list(csv.DictReader(StringIO(sheet_csv().decode("utf-8-sig"))))
    assert len(rows) == 17
    assert all(row[CODE] for row in rows)


@pytest.mark.parametrize(
    ("rows", "prepared"), [(0, PREPARED_ROWS), (MAX_UPLOAD_ROWS - 5, 5), (MAX_UPLOAD_ROWS, 0), (MAX_UPLOAD_ROWS + 1, 0)]
)
def test_no_more_rows_are_prepared_than_can_be_sent(rows: int, prepared: int) -> None:
    assert BudgetSheet(2021, department()).make_form(rows).prepared_rows == prepared


def test_names_and_parts_of_the_sheet_are_offered() -> None:
    project = Project.objects.get(code="museum-exhibition")
    other = Project.objects.exclude(department__code=KYOIKU).exclude(budget_lines__department__code=KYOIKU).first()
    assert other is not None
    ProjectPart.objects.create(project=project, code="hall", name="展示室", position=1)
    ProjectPart.objects.create(project=other, code="hall", name="別の部局の内訳", position=9)
    book = load_sheet()
    lists = {
        headers_of(book.worksheets[0])[next(iter(rule.sqref.ranges)).min_col - 1]: rule.formula1.partition("!")[2]
        for rule in book.worksheets[0].data_validations.dataValidation
    }
    offered = {
        header: [cell.value for (cell,) in book["選択肢"][place.replace("$", "")]] for header, place in lists.items()
    }
    names = {row[NAME] for row in csv.DictReader(StringIO(sheet_csv().decode("utf-8-sig")))}
    assert set(offered[NAME]) == names
    assert "展示室" in offered[PART]
    assert "別の部局の内訳" not in offered[PART]
    assert "６月補正" in offered[STAGE]


# Uploads


def test_prepared_rows_in_which_nothing_is_typed_are_no_rows(editor: User) -> None:
    upload = send_sheet(editor, save_workbook(load_sheet()))
    assert (upload.result, upload.rows, problems_of(upload)) == (UploadResult.UNCHANGED, 17, [])


def test_a_sheet_of_prepared_rows_alone_changes_nothing(editor: User) -> None:
    book = load_sheet()
    book.worksheets[0].delete_rows(2, 17)
    upload = send_sheet(editor, save_workbook(book))
    assert (upload.result, upload.rows) == (UploadResult.UNCHANGED, 0)


@pytest.mark.parametrize("project", [OF_MUSEUM, {CODE: " ＭＵＳＥＵＭ－ＥＸＨＩＢＩＴＩＯＮ"}])
def test_a_second_stage_of_a_project_is_one_line_more(editor: User, project: dict[str, str]) -> None:
    upload = send_typed(editor, JUNE | project)
    assert (upload.rows, upload.changes) == (18, 1)
    added = upload.change_set.changes.get()
    assert (added.action, added.key, added.after["amount_thousand_yen"]) == ("create", KEY_OF_JUNE, 500)
    assert added.after["department_id"] == str(department().pk)


def test_a_name_says_which_project_it_is(editor: User) -> None:
    name = Project.objects.get(code="museum-exhibition").name
    assert list(changed_fields(send_typed(editor, JUNE | {NAME: f" {name}　"}))) == [KEY_OF_JUNE]
    assert list(changed_fields(send_typed(editor, JUNE | OF_MUSEUM | {NAME: name}))) == [KEY_OF_JUNE]


def test_a_name_that_begins_as_a_formula_is_found_as_it_stands_in_the_file(editor: User) -> None:
    publish_edits(lambda: Project.objects.filter(code="museum-exhibition").update(name="=展示"))
    assert list(changed_fields(send_typed(editor, JUNE | {NAME: "'=展示"}))) == [KEY_OF_JUNE]


def test_a_name_of_two_projects_is_not_guessed(editor: User) -> None:
    publish_edits(lambda: Project.objects.filter(code__in=("museum-exhibition", SILENT)).update(name="同じ名"))
    (problem,) = problems_of(send_typed(editor, JUNE | {NAME: "同じ名"}))
    assert "museum-exhibition" in problem[2]
    assert SILENT in problem[2]


@pytest.mark.parametrize("name", ["ない事業", "展示\u200b", "\0", "長" * 5000])
def test_a_name_of_no_project_is_a_row_without_a_code(editor: User, name: str) -> None:
    row = f"{name},2021,,６月補正,予算額,1"
    text = f"事業名,年度,事業コード,予算区分,種別,予算額（千円）,融資枠（千円）,行キー\n{row},,\n"
    upload = send_sheet(editor, text.encode(), "シート.csv")
    if upload.result == UploadResult.FAULTY:
        assert "事業コードがありません" in problems_of(upload)[0][2]
    else:
        assert upload.result == UploadResult.REFUSED  # NUL is in no CSV


def test_what_a_row_lacks_is_asked_for(editor: User) -> None:
    problems = problems_of(send_typed(editor, OF_MUSEUM | {AMOUNT: 500}))
    assert [expected.partition("は")[0] for _, _, expected in problems] == ["予算区分"]
    (problem,) = problems_of(send_typed(editor, OF_MUSEUM | {STAGE: "６月補正", KIND: "予算額"}))
    assert "額がありません" in problem[2]


def test_a_department_adds_nothing_to_a_project_of_another(editor: User) -> None:
    other = Project.objects.exclude(department__code=KYOIKU).exclude(budget_lines__department__code=KYOIKU).first()
    assert other is not None
    upload = send_typed(editor, JUNE | {CODE: other.code})
    assert upload.change_set is None
    assert f"「{other.department.code}」か空にしてください。" in [expected for _, _, expected in problems_of(upload)]


def test_a_line_is_added_for_the_department_that_is_in_charge_in_that_year(bureau: User) -> None:
    somu = Department.objects.get(code="somu")
    publish_edits(lambda: Project.objects.filter(code="museum-exhibition").update(department=somu))
    for code in (KYOIKU, None):
        (change,) = send_typed(bureau, JUNE | OF_MUSEUM, code).change_set.changes.all()
        assert (change.key, change.after["department_id"]) == (KEY_OF_JUNE, str(department().pk))


def test_the_bureau_adds_a_project_in_a_prepared_row(bureau: User) -> None:
    values = JUNE | {CODE: "born-in-june", NAME: "６月に始まる事業", "部局コード": "somu"}
    upload = send_typed(bureau, values, None)
    assert sorted(change.model for change in upload.change_set.changes.all()) == [
        "budgets.budgetline",
        "projects.project",
    ]
    assert (upload.result, problems_of(upload)) == (UploadResult.KEPT, [])


ROWS = st.dictionaries(
    st.tuples(st.integers(0, 16), st.sampled_from(list(STAGES))), st.integers(-(10**9), 10**9), min_size=1, max_size=5
)


@examples(15)
@given(rows=ROWS, by=st.randoms(use_true_random=False))
def test_what_is_typed_into_prepared_rows_is_added_and_nothing_else(rows: dict[tuple[int, str], int], by: Any) -> None:
    with transaction.atomic():
        user, _ = User.objects.get_or_create(username="bureau-any", is_staff=True, is_superuser=True)
        book = load_sheet()
        sheet = book.worksheets[0]
        codes = [values_of(sheet, row)[CODE] for row in range(2, 19)]
        numbers = by.sample(prepared_rows(sheet), len(rows))
        for number, ((project, stage), amount) in zip(numbers, rows.items(), strict=True):
            typed = {CODE: codes[project], STAGE: STAGES[stage], KIND: "予算額", AMOUNT: amount}
            type_into_row(sheet, number, typed)
        before = {line.pk for line in BudgetLine.objects.all()}
        upload = send_sheet(user, save_workbook(book))
        assert {(change.action, change.key) for change in upload.change_set.changes.all()} == {
            ("create", f"{codes[project]}  2021 {stage} expenditure") for project, stage in rows
        }
        publish(propose(upload.change_set), user)
        added = BudgetLine.objects.exclude(pk__in=before)
        assert {
            (line.project.code, line.stage.code): (line.amount_thousand_yen, line.part, line.department.code)
            for line in added
        } == {(codes[project], stage): (amount, None, KYOIKU) for (project, stage), amount in rows.items()}
        assert before <= {line.pk for line in BudgetLine.objects.all()}
        assert send_sheet(user, save_workbook(load_sheet())).result == UploadResult.UNCHANGED
        transaction.set_rollback(True)
