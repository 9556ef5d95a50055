"""A sheet there and back: its changes become a change set of its sender, and nothing else happens."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from hypothesis import given
from hypothesis import strategies as st

from budgets.models import BudgetLine
from dxportal.changesets.models import ChangeSet
from dxportal.changesets.workflow import propose, publish
from dxportal.sheets.models import Upload, UploadResult
from tests.dxportal.changesets.change_sets import publish_edits
from tests.dxportal.sheets.sheet_uploads import (
    AMOUNT,
    EQUIPMENT,
    KYOIKU,
    MUSEUM,
    changed_fields,
    fill_sheet,
    find_line,
    load_sheet,
    problems_of,
    save_workbook,
    send_sheet,
    sheet_csv,
)
from tests.examples import examples

pytestmark = pytest.mark.django_db


def awkward() -> None:
    """Texts that files and spreadsheets like to change."""
    notes = ["一行目\n二行目", "'=1+1", "=SUM(A1)", "-5", "＠ここ", 'a,b"c', "二行\r\n続き", "_x000D_"]
    for one, note in zip(BudgetLine.objects.order_by("pk"), notes, strict=False):
        BudgetLine.objects.filter(pk=one.pk).update(editorial_note=note)


@pytest.mark.parametrize("code", [KYOIKU, "kenko-fukushi", "norin-suisan", None])
@pytest.mark.parametrize("form", ["xlsx", "utf-8", "cp932"])
def test_an_unedited_sheet_changes_nothing(bureau: User, code: str | None, form: str) -> None:
    publish_edits(awkward)
    data = save_workbook(load_sheet(code)) if form == "xlsx" else sheet_csv(code, form)
    upload = send_sheet(bureau, data)
    assert (upload.result, upload.changes, problems_of(upload)) == (UploadResult.UNCHANGED, 0, [])
    assert upload.rows > 3
    assert upload.change_set is None
    assert not ChangeSet.objects.exclude(state="published").exists()


def test_a_sheet_under_machine_names_is_read_as_well(editor: User) -> None:
    names = "key,fiscal_year,project_code,amount_thousand_yen,lending_limit_thousand_yen,kind"
    upload = send_sheet(editor, f"{names}\n{MUSEUM},2021,museum-exhibition,20001,,expenditure\n".encode(), "一行.csv")
    assert changed_fields(upload) == {
        "museum-exhibition  2021 initial-with-february expenditure": {"amount_thousand_yen": (20000, 20001)}
    }


# The record of uploads


def test_the_record_keeps_name_hash_counts_and_result(editor: User) -> None:
    from hashlib import sha256

    data = fill_sheet({(MUSEUM, AMOUNT): 20001})
    upload = Upload.objects.get(pk=send_sheet(editor, data, "二月\n提出.xlsx").pk)
    assert (upload.file_name, upload.size, upload.sha256) == ("二月 提出.xlsx", len(data), sha256(data).hexdigest())
    assert (upload.user, upload.fiscal_year, upload.changes, upload.result) == (editor, 2021, 1, UploadResult.KEPT)
    assert upload.rows == 17
    assert upload.change_set is not None
    assert upload.change_set.title == "令和３年度（2021年度）の予算シート（教育庁）"
    assert upload.change_set.source == "予算シート 二月 提出.xlsx"


def test_marked_copies_are_forgotten_after_a_day(editor: User) -> None:
    from datetime import timedelta

    from django.utils import timezone

    old = send_sheet(editor, fill_sheet({(MUSEUM, AMOUNT): "x"}))
    assert old.marked
    Upload.objects.filter(pk=old.pk).update(received_at=timezone.now() - timedelta(days=1, minutes=1))
    send_sheet(editor, fill_sheet({}))
    old.refresh_from_db()
    assert old.marked is None


# Any sheet


@examples(15)
@given(st.dictionaries(st.integers(0, 2), st.integers(0, 10**9), min_size=1))
def test_publishing_a_sheet_makes_the_catalogue_say_what_the_sheet_says(amounts: dict[int, int]) -> None:
    from django.db import transaction

    with transaction.atomic():
        user, _ = User.objects.get_or_create(username="bureau-any", is_staff=True, is_superuser=True)
        keys = [MUSEUM, EQUIPMENT, "ict-advanced-education/2021/initial-with-february/expenditure"]
        wanted = {keys[number]: amount for number, amount in amounts.items()}
        upload = send_sheet(user, fill_sheet({(key, AMOUNT): amount for key, amount in wanted.items()}))
        if upload.change_set:
            publish(propose(upload.change_set), user)
        assert {key: find_line(key).amount_thousand_yen for key in wanted} == wanted
        assert send_sheet(user, save_workbook(load_sheet())).result == UploadResult.UNCHANGED
        transaction.set_rollback(True)
