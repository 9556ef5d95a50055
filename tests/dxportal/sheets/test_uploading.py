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
from tests.dxportal.changesets.sets import published
from tests.dxportal.sheets.sending import (
    AMOUNT,
    EQUIPMENT,
    KYOIKU,
    MUSEUM,
    as_csv,
    changed_fields,
    filled,
    line,
    problems_of,
    saved,
    sent,
    workbook,
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
    published(awkward)
    data = saved(workbook(code)) if form == "xlsx" else as_csv(code, form)
    upload = sent(bureau, data)
    assert (upload.result, upload.changes, problems_of(upload)) == (UploadResult.UNCHANGED, 0, [])
    assert upload.rows > 3
    assert upload.change_set is None
    assert not ChangeSet.objects.exclude(state="published").exists()


def test_a_sheet_under_machine_names_is_read_as_well(editor: User) -> None:
    names = "key,fiscal_year,project_code,amount_thousand_yen,kind"
    upload = sent(editor, f"{names}\n{MUSEUM},2021,museum-exhibition,20001,expenditure\n".encode(), "一行.csv")
    assert changed_fields(upload) == {
        "museum-exhibition  2021 initial-with-february expenditure": {"amount_thousand_yen": (20000, 20001)}
    }


# The record of uploads


def test_the_record_keeps_name_hash_counts_and_result(editor: User) -> None:
    from hashlib import sha256

    data = filled({(MUSEUM, AMOUNT): 20001})
    upload = Upload.objects.get(pk=sent(editor, data, "二月\n提出.xlsx").pk)
    assert (upload.file_name, upload.size, upload.sha256) == ("二月 提出.xlsx", len(data), sha256(data).hexdigest())
    assert (upload.user, upload.fiscal_year, upload.changes, upload.result) == (editor, 2021, 1, UploadResult.KEPT)
    assert upload.rows == 17
    assert upload.change_set is not None
    assert upload.change_set.title == "令和３年度（2021年度）の予算シート（教育庁）"
    assert upload.change_set.source == "予算シート 二月 提出.xlsx"


def test_marked_copies_are_forgotten_after_a_day(editor: User) -> None:
    from datetime import timedelta

    from django.utils import timezone

    old = sent(editor, filled({(MUSEUM, AMOUNT): "x"}))
    assert old.marked
    Upload.objects.filter(pk=old.pk).update(received_at=timezone.now() - timedelta(days=1, minutes=1))
    sent(editor, filled({}))
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
        upload = sent(user, filled({(key, AMOUNT): amount for key, amount in wanted.items()}))
        if upload.change_set:
            publish(propose(upload.change_set), user)
        assert {key: line(key).amount_thousand_yen for key in wanted} == wanted
        assert sent(user, saved(workbook())).result == UploadResult.UNCHANGED
        transaction.set_rollback(True)
