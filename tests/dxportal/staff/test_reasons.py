"""Reasons for changes are written by the department in charge of the project, beside its amounts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from budgets.models import ChangeReason
from catalog.models import Plan
from dxportal.changesets.models import ChangeSet, State
from dxportal.changesets.recording import record_changes
from dxportal.staff.models import Role
from dxportal.staff.permissions import NotPermittedError, check_may_propose
from projects.models import Project
from tests.budgets.making import change_reason
from tests.dxportal.changesets.edits import snapshot
from tests.dxportal.staff.staff_actions import create_user, edit, sign_in_as, take_step

pytestmark = pytest.mark.django_db

OWN, OTHER = "industrial-education-equipment", "workation"


@pytest.fixture
def editor() -> Client:
    return sign_in_as(create_user("editor", Role.EDITOR, "kyoiku"))


@pytest.fixture
def bureau() -> Client:
    return sign_in_as(create_user("bureau", Role.BUREAU))


def project(code: str) -> Project:
    return Project.objects.get(code=code)


def write_reason(client: Client, code: str, text: str, **years: str) -> Any:
    """Fill in the first empty row of reasons on the page of a project."""
    row = {"fiscal_year": "令和３年度", "base_year": "2020", "text": text} | years
    sent = {f"change_reasons-0-{name}": value for name, value in row.items()}
    return edit(client, project(code), **sent, **{"change_reasons-TOTAL_FORMS": "1"})


def test_a_department_proposes_it_the_bureau_publishes_and_undoes(
    editor: Client, bureau: Client, client: Client
) -> None:
    before = snapshot()
    write_reason(editor, OWN, "対象の学校を増やしたため。")
    change_set = ChangeSet.objects.get()
    take_step(editor, change_set, "propose")
    html = bureau.get(change_set.get_absolute_url()).content.decode()
    assert "対象の学校を増やしたため。" in html
    assert "令和２年度（2020年度）" in html
    take_step(bureau, change_set, "publish")
    row = ChangeReason.objects.get()
    assert row.natural_key() == (OWN, "2021", "2020")
    public = client.get("/changes/").content.decode()
    assert "増減の理由" in public
    assert "教育庁" in public
    assert f'href="/projects/{OWN}/"' in public
    (told,) = json.loads(b"".join(client.get("/changes.json?department=kyoiku")))["rows"]
    assert (told["kind"], told["key"]) == ("増減の理由", f"{OWN} 2021 2020")
    take_step(bureau, change_set, "undo")
    assert snapshot() == before
    change_set.refresh_from_db()
    assert change_set.state == State.UNDONE


def test_it_is_refused_in_words_where_it_is_typed(editor: Client) -> None:
    response = write_reason(editor, OWN, "理由", base_year="2022")
    assert "比較対象の年度は、年度より前の年度に" in response.content.decode()
    assert not ChangeSet.objects.exists()


def test_that_of_another_department_is_neither_written_nor_taken(editor: Client) -> None:
    author = User.objects.get(username="editor")
    theirs, own = change_reason(OTHER), change_reason(OWN)
    new = {"project": project(OTHER).pk, "fiscal_year": "2021", "base_year": "2019", "text": "よその理由"}
    assert editor.post("/admin/budgets/changereason/add/", new).status_code == 200  # not offered, so not taken
    assert not ChangeSet.objects.exists()
    for rows, values in (
        (ChangeReason.objects.filter(pk=theirs.pk), {"text": "書き換え"}),
        (ChangeReason.objects.filter(pk=own.pk), {"project": project(OTHER), "base_year": 2019}),
        (ChangeReason.objects.filter(pk=theirs.pk), {"project": project(OWN), "base_year": 2019}),
    ):
        with record_changes() as recorder:
            rows.update(**values)
        with pytest.raises(NotPermittedError, match="ほかの部局のもの"):
            check_may_propose(author, recorder.changes)
    with record_changes() as recorder:
        ChangeReason.objects.filter(pk=own.pk).delete()
    check_may_propose(author, recorder.changes)


def test_the_threshold_above_which_a_reason_is_missed_can_be_taken_away(bureau: Client) -> None:
    plan = Plan.objects.get()
    assert plan.reason_threshold_percent == 20
    refused = edit(bureau, plan, reason_threshold_percent="1001")
    assert "1000 以下" in refused.content.decode()
    edit(bureau, plan, reason_threshold_percent="")
    change_set = ChangeSet.objects.get()
    assert change_set.changes.get().fields == {"reason_threshold_percent": (20, None)}
    take_step(bureau, change_set, "propose")
    take_step(bureau, change_set, "publish")
    plan.refresh_from_db()
    assert plan.reason_threshold_percent is None
