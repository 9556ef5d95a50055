"""Bad amounts are answered in words where they are typed: in a form, in the page of a project, in a sheet."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from budgets.models import BudgetLine, Stage
from catalog.models import Plan, SourceDocument
from dxportal.changesets.models import ChangeSet
from dxportal.sheets.models import UploadResult
from projects.models import Project
from tests.budgets.making import line
from tests.dxportal.sheets.sheet_uploads import (
    AMOUNT,
    CODE,
    KIND,
    PART,
    STAGE,
    find_line,
    headers_of,
    load_sheet,
    prepared_rows,
    problems_of,
    save_workbook,
    send_sheet,
    type_into_row,
)
from tests.dxportal.staff.staff_actions import edit, read_questions
from tests.dxportal.staff.year_checks import text_of
from tests.dxportal.staff.year_steps import LINE_FORM, add_row, fill_forms, latest_set, line_fields
from tests.two_years import DEPARTMENT, Line, Step

pytestmark = pytest.mark.django_db

REDUCTION = "減額（△）を入れられるのは"
TWICE = "どちらも{}の額を含んでいて、二重に数えることになります。"
MANUFACTURING, EMPLOYMENT = "3d-manufacturing", "regional-employment"
# Each line with the name of the field that is answered, and the answer.
BAD = [
    (Line(MANUFACTURING, 2022, "initial", -5), "amount_thousand_yen", REDUCTION),
    (Line(MANUFACTURING, 2022, "settlement", -5), "amount_thousand_yen", REDUCTION),
    (Line(MANUFACTURING, 2021, "initial", 5), "stage", TWICE.format("2021年度「当初」")),
    (Line(MANUFACTURING, 2020, "february", 5), "stage", TWICE.format("2020年度「２月補正」")),
    (Line(EMPLOYMENT, 2021, "initial-with-february", 5), "stage", TWICE.format("2020年度「２月補正」")),
]
ODD = {
    "決算（90,000千円）が、予算現額（10,104千円）を超えています。": [Line(MANUFACTURING, 2021, "settlement", 90_000)],
    "「補正後」（104千円）が、当初とそのあとの補正などの合計（105千円）と違います。": [
        Line(MANUFACTURING, 2022, "initial", 100),
        Line(MANUFACTURING, 2022, "june", 5),
        Line(MANUFACTURING, 2022, "revised", 104),
    ],
}


def error_beside(html: str, field: str) -> str:
    """Return the errors that stand beside a field of a form."""
    found = re.search(rf'<ul class="errorlist"[^>]*id="id_{field}_error"[^>]*>(.*?)</ul>', html, re.DOTALL)
    assert found, field
    return text_of(found[1])


@pytest.mark.parametrize(("bad", "field", "answer"), BAD)
def test_in_the_form_of_a_line_with_the_input_kept(bureau_client: Client, bad: Line, field: str, answer: str) -> None:
    response = add_row(bureau_client, LINE_FORM, line_fields(bad))
    assert response.status_code == 200
    html = response.content.decode()
    assert answer in error_beside(html, field)
    assert re.search(rf'name="fiscal_year" value="[^"]*{bad.year}', html)
    assert not ChangeSet.objects.exists()


@pytest.mark.parametrize(("bad", "field", "answer"), BAD)
def test_in_the_cell_of_a_sheet(bureau: User, bad: Line, field: str, answer: str) -> None:
    book = load_sheet(DEPARTMENT, bad.year)
    sheet = book.worksheets[0]
    row = prepared_rows(sheet)[0]
    stage = Stage.objects.get(code=bad.stage).name
    type_into_row(sheet, row, {CODE: bad.project, STAGE: stage, KIND: "予算額", AMOUNT: bad.amount})
    upload = send_sheet(bureau, save_workbook(book))
    ((place, value, sentence),) = problems_of(upload)
    header = AMOUNT if field == "amount_thousand_yen" else STAGE
    assert place == sheet.cell(row, headers_of(sheet).index(header) + 1).coordinate
    assert value in (str(bad.amount), stage)
    assert answer in sentence
    assert upload.result == UploadResult.FAULTY
    assert upload.marked


def test_two_rows_of_a_sheet_that_state_the_same_amount(bureau: User) -> None:
    book = load_sheet(DEPARTMENT, 2022)
    sheet = book.worksheets[0]
    first, second, *_ = prepared_rows(sheet)
    whole = {CODE: EMPLOYMENT, STAGE: "当初", KIND: "予算額", AMOUNT: 5}
    type_into_row(sheet, first, whole)
    type_into_row(sheet, second, whole | {PART: "求職者向けキャリアアップ支援"})
    ((place, _, sentence),) = problems_of(send_sheet(bureau, save_workbook(book)))
    assert place == sheet.cell(second, headers_of(sheet).index(STAGE) + 1).coordinate
    assert (
        "「地域雇用創造事業（求職者向けキャリアアップ支援） 2022年度 当初」と「地域雇用創造事業 2022年度 当初」"
        in sentence
    )


def test_a_whole_may_take_the_place_of_its_part_in_one_sheet(bureau: User) -> None:
    book = load_sheet(DEPARTMENT)
    sheet = book.worksheets[0]
    part = next(
        cells for cells in sheet.iter_rows(min_row=2) if str(cells[-1].value or "").startswith(f"{EMPLOYMENT}/")
    )
    part[headers_of(sheet).index(AMOUNT)].value = "記載なし"
    whole = {CODE: EMPLOYMENT, STAGE: "当初（前年度２月補正を含む）", KIND: "予算額", AMOUNT: 5}
    type_into_row(sheet, prepared_rows(sheet)[0], whole)
    upload = send_sheet(bureau, save_workbook(book))
    assert (upload.result, problems_of(upload)) == (UploadResult.KEPT, [])


def send_project_page(client: Client, *rows: dict[str, Any], deleted: tuple[int, ...] = ()) -> Any:
    """Fill in rows of budget lines on the page of a project, below the stored ones."""
    project = Project.objects.get(code=EMPLOYMENT)
    stored = BudgetLine.objects.filter(project=project).count()
    sent = {f"budget_lines-{number}-DELETE": "on" for number in deleted}
    for number, row in enumerate(rows, stored):
        sent |= {f"budget_lines-{number}-{name}": value for name, value in row.items()}
    return edit(client, project, **sent, **{"budget_lines-TOTAL_FORMS": str(stored + len(rows))})


def row_of_page(year: int, stage: str, part: str = "") -> dict[str, Any]:
    fields = line_fields(Line(EMPLOYMENT, year, stage, 5, part))
    return {name: value for name, value in fields.items() if name != "project"}


def test_in_the_row_of_a_projects_page(bureau_client: Client) -> None:
    response = send_project_page(bureau_client, row_of_page(2021, "initial"))
    assert TWICE.format("2021年度「当初」") in text_of(response.content.decode())
    whole, part = row_of_page(2022, "initial"), row_of_page(2022, "initial", "career-up")
    response = send_project_page(bureau_client, whole, part)
    assert response.status_code == 200
    assert TWICE.format("2022年度「当初」") in text_of(response.content.decode())
    assert not ChangeSet.objects.exists()


def test_a_row_may_take_the_place_of_one_that_is_deleted(bureau_client: Client) -> None:
    response = send_project_page(bureau_client, row_of_page(2021, "initial"), deleted=(0,))
    assert response.status_code == 302, text_of(response.content.decode())
    assert sorted(change.action for change in ChangeSet.objects.get().changes.all()) == ["create", "delete"]


@pytest.mark.parametrize("sentence", ODD)
def test_what_is_odd_is_a_question_with_its_rows(bureau_client: Client, sentence: str) -> None:
    fill_forms(bureau_client, Step("", 0, tuple(ODD[sentence])))
    html = bureau_client.get(latest_set().get_absolute_url()).content.decode()
    assert len(read_questions(html)) == 1
    assert sentence in text_of(html)
    for odd in ODD[sentence]:
        assert Stage.objects.get(code=odd.stage).name in text_of(html)


@pytest.mark.parametrize("pages", [{}, {"page_from": "3"}, {"page_to": "3"}])
def test_a_document_without_pages(bureau_client: Client, pages: dict[str, str]) -> None:
    values = {"plan": str(Plan.objects.get().pk), "number": "9", "label": "資料９", "title": "別冊"}
    html = add_row(bureau_client, "/admin/catalog/sourcedocument/add/", values | pages).content.decode()
    for name in {"page_from", "page_to"} - pages.keys():
        assert "このフィールドは必須です。" in error_beside(html, name)
    assert not SourceDocument.objects.filter(number=9).exists()


def test_a_correction_of_the_line_itself_is_no_second_statement(bureau_client: Client) -> None:
    line(MANUFACTURING, 5, stage="june")
    stored = find_line(f"{MANUFACTURING}/2021/initial-with-february/expenditure")
    assert edit(bureau_client, stored, amount_thousand_yen="7").status_code == 302
