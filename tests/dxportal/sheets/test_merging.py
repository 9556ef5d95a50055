"""A sheet is merged with the revision it was taken from: publications in between stay, conflicts are shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from budgets.models import BudgetLine
from dxportal.changesets.conflicts import describe_conflicts
from dxportal.changesets.recording import preview_catalogue
from dxportal.changesets.replaying import ConflictError
from dxportal.changesets.workflow import WorkflowError, propose, publish, read_differences
from dxportal.planfiles.folder_reader import read_folder
from dxportal.planfiles.loading import load_folder
from dxportal.sheets.models import UploadResult
from dxportal.staff.effects import Effect
from projects.models import Appearance
from tests.conftest import YAMAGUCHI
from tests.dxportal.changesets.change_sets import create_author, publish_edits
from tests.dxportal.sheets.sheet_uploads import (
    AMOUNT,
    EQUIPMENT,
    KIND,
    MUSEUM,
    NOTE,
    SILENT,
    STAGE,
    append_row,
    changed_fields,
    fill_sheet,
    find_line,
    load_sheet,
    save_workbook,
    send_sheet,
    sheet_csv,
)

pytestmark = pytest.mark.django_db


def set_amount(key: str, amount: int) -> int:
    return BudgetLine.objects.filter(pk=find_line(key).pk).update(amount_thousand_yen=amount)


def test_what_others_have_published_meanwhile_is_not_reverted_by_an_old_workbook(editor: User) -> None:
    data = fill_sheet({(MUSEUM, AMOUNT): 20001})
    publish_edits(lambda: set_amount(EQUIPMENT, 9))
    upload = send_sheet(editor, data)
    assert list(changed_fields(upload)) == ["museum-exhibition  2021 initial-with-february expenditure"]
    publish(propose(upload.change_set), create_author())
    assert (find_line(MUSEUM).amount_thousand_yen, find_line(EQUIPMENT).amount_thousand_yen) == (20001, 9)


def test_what_both_have_changed_is_a_conflict_with_both_sides(editor: User) -> None:
    data = fill_sheet({(MUSEUM, AMOUNT): 20001})
    publish_edits(lambda: set_amount(MUSEUM, 30000))
    upload = send_sheet(editor, data)
    assert upload.result == UploadResult.KEPT
    with pytest.raises(ConflictError) as caught, preview_catalogue(read_differences(upload.change_set)):
        pass
    (conflict,) = describe_conflicts(caught.value.conflicts)
    assert (conflict.base, conflict.mine, conflict.theirs) == ("20,000千円", "20,001千円", "30,000千円")


def test_the_same_sheet_sent_twice_is_no_conflict(editor: User) -> None:
    cells = {(SILENT, AMOUNT): 1234, (SILENT, STAGE): "当初（前年度２月補正を含む）", (SILENT, KIND): "予算額"}
    data = fill_sheet({(MUSEUM, AMOUNT): 186679, (EQUIPMENT, AMOUNT): "記載なし", **cells})
    first, second = send_sheet(editor, data), send_sheet(editor, data)
    publish(propose(first.change_set), create_author())
    assert find_line(MUSEUM).amount_thousand_yen == 186679
    assert not Effect.of(second.change_set).conflicts
    assert "今公開されている内容と同じ" in Effect.of(second.change_set).refusal
    with pytest.raises(WorkflowError, match="今公開されている内容と同じ"):
        publish(propose(second.change_set), create_author())
    assert send_sheet(editor, data).result == UploadResult.UNCHANGED
    more = send_sheet(editor, fill_sheet({(MUSEUM, AMOUNT): 186679, (MUSEUM, NOTE): "注"}))
    assert list(changed_fields(more).values()) == [{"editorial_note": ("", "注")}]


def test_a_new_project_sent_twice_is_no_conflict(bureau: User) -> None:
    book = load_sheet(None)
    values = {
        "年度": 2021,
        "事業コード": "new-one",
        "事業名": "新しい事業",
        "部局コード": "somu",
        "対応策コード": "1-2-1-1",
    }
    append_row(book.worksheets[0], values)
    first, second = send_sheet(bureau, save_workbook(book)), send_sheet(bureau, save_workbook(book))
    publish(propose(first.change_set), create_author())
    assert "今公開されている内容と同じ" in Effect.of(second.change_set).refusal
    assert Appearance.objects.filter(project__code="new-one").count() == 1


def test_a_csv_cannot_know_and_shows_every_difference(editor: User) -> None:
    data = sheet_csv()
    publish_edits(lambda: set_amount(EQUIPMENT, 9))
    assert list(changed_fields(send_sheet(editor, data, "シート.csv"))) == [
        "industrial-education-equipment  2021 initial-with-february expenditure"
    ]


def test_a_workbook_from_before_the_plan_was_loaded_anew_is_refused(editor: User) -> None:
    data = fill_sheet({(MUSEUM, AMOUNT): 20001})
    publish_edits(lambda: set_amount(EQUIPMENT, 9))
    load_folder(read_folder(YAMAGUCHI), replace=True)
    upload = send_sheet(editor, data)
    assert upload.result == UploadResult.REFUSED
    assert "シートを受け取り直し" in upload.reason


@pytest.mark.parametrize("revision", [10**9, -1, "あ", 1.5])
def test_a_revision_that_never_was_is_refused(editor: User, revision: Any) -> None:
    book = load_sheet()
    about = book.worksheets[1]
    next(row for row in about.iter_rows() if row[1].value == "カタログの版")[2].value = revision
    assert "シートを受け取り直し" in send_sheet(editor, save_workbook(book)).reason


def test_a_workbook_without_its_second_sheet_is_compared_with_now(editor: User) -> None:
    book = load_sheet()
    del book[book.sheetnames[1]]
    upload = send_sheet(editor, save_workbook(book))
    assert (upload.result, upload.notes) == (
        UploadResult.UNCHANGED,
        ["シートの版が分からないので、今公開されている内容と比べました。"],
    )
