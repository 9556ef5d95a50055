"""The digital bureau adds projects with a sheet; a department cannot."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from catalog.models import Countermeasure
from dxportal.changesets.workflow import propose, publish
from dxportal.sheets.models import UploadResult
from projects.models import Appearance, Project
from tests.dxportal.changesets.change_sets import create_author
from tests.dxportal.sheets.sheet_uploads import (
    AMOUNT,
    CODE,
    KYOIKU,
    NAME,
    YEAR,
    append_row,
    fill_sheet,
    load_sheet,
    problems_of,
    save_workbook,
    send_sheet,
)

pytestmark = pytest.mark.django_db


def test_the_bureau_adds_a_project_with_its_appearance_and_amount(bureau: User) -> None:
    book = load_sheet(None)
    sheet = book.worksheets[0]
    values = {
        "年度": "令和３年度",
        "事業コード": "smart-fishing",
        "事業名": "スマート漁業推進事業",
        "部局コード": "norin-suisan",
        "予算区分": "当初（前年度２月補正を含む）",
        "種別": "予算額",
        AMOUNT: "1,000",
        "よみ": "すまーとぎょぎょうすいしんじぎょう",
        "対応策コード": "1-2-1-1",
        "プロジェクト番号": 5,
    }
    append_row(sheet, values)
    upload = send_sheet(bureau, save_workbook(book))
    assert sorted(change.model for change in upload.change_set.changes.all()) == [
        "budgets.budgetline",
        "projects.appearance",
        "projects.appearance",
        "projects.project",
    ]
    publish(propose(upload.change_set), create_author())
    project = Project.objects.get(code="smart-fishing")
    assert (project.name, project.department.code) == ("スマート漁業推進事業", "norin-suisan")
    first, second = project.appearances.in_printed_order()
    measure = Countermeasure.objects.get(code="1-2-1-1")
    assert (first.countermeasure, first.code, first.page) == (measure, "1-2-1-1-5", measure.page)
    assert (second.sakigake_project.number, second.printed_amount_thousand_yen) == (5, None)
    assert "公表資料にはまだない" in first.editorial_note
    assert project.budget_lines.get().amount_thousand_yen == 1000


def test_a_code_is_proposed_and_never_taken_unasked(bureau: User) -> None:
    book = load_sheet(None)
    append_row(book.worksheets[0], {YEAR: 2021, NAME: "名ばかりの事業", "部局コード": "somu"})
    upload = send_sheet(bureau, save_workbook(book))
    assert upload.result == UploadResult.FAULTY
    assert "案として「project-2021-1」があります" in problems_of(upload)[0][2]
    assert not Project.objects.filter(name="名ばかりの事業").exists()


def test_a_department_adds_no_project(editor: User) -> None:
    book = load_sheet()
    row = {YEAR: 2021, CODE: "brand-new", NAME: "新しい事業", "部局コード": KYOIKU, AMOUNT: 5}
    append_row(book.worksheets[0], row)
    upload = send_sheet(editor, save_workbook(book))
    assert "この事業コードはありません" in problems_of(upload)[0][2]
    assert "デジタル推進部門に頼んで" in problems_of(upload)[0][2]


def test_an_appearance_that_is_there_is_not_added_twice(bureau: User) -> None:
    cells = {("workation/2021/initial-with-february/expenditure", "プロジェクト番号"): "1"}
    first = send_sheet(bureau, fill_sheet(cells, code=None))
    publish(propose(first.change_set), create_author())
    assert Appearance.objects.filter(sakigake_project__number=1, project__code="workation").count() == 1
    assert send_sheet(bureau, fill_sheet(cells, code=None)).result == UploadResult.UNCHANGED


def test_a_total_row_is_told_to_go(editor: User) -> None:
    book = load_sheet()
    append_row(book.worksheets[0], {NAME: "合計", AMOUNT: 1779412})
    upload = send_sheet(editor, save_workbook(book))
    assert upload.result == UploadResult.FAULTY
    assert upload.problem_count >= 1
