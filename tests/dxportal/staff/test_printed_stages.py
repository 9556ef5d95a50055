"""The stage of a document's printed amounts stands in the form of the document, and only the bureau sets it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from budgets.models import PrintedStage, Stage
from catalog.models import SourceDocument
from dxportal.changesets.models import ChangeSet
from dxportal.changesets.recording import record_changes
from dxportal.staff.models import Role
from dxportal.staff.permissions import NotPermittedError, check_may_propose
from tests.dxportal.changesets.edits import snapshot
from tests.dxportal.staff.staff_actions import admin_address, create_user, edit, parse_form, sign_in_as, take_step

pytestmark = pytest.mark.django_db


@pytest.fixture
def bureau() -> Client:
    return sign_in_as(create_user("bureau", Role.BUREAU))


def document(number: int) -> SourceDocument:
    return SourceDocument.objects.get(number=number)


def stage(code: str) -> Stage:
    return Stage.objects.get(code=code)


def write_stage(client: Client, number: int, code: str) -> Any:
    """Fill in the row of the stage on the page of a document."""
    sent = {"printed_stage-0-stage": str(stage(code).pk), "printed_stage-TOTAL_FORMS": "1"}
    return edit(client, document(number), **sent)


def test_it_is_given_with_the_document_published_and_undone(bureau: Client, client: Client) -> None:
    before = snapshot()
    write_stage(bureau, 2, "june")
    change_set = ChangeSet.objects.get()
    html = bureau.get(change_set.get_absolute_url()).content.decode()
    assert "資料に記載の額の予算区分" in html
    assert "資料２：６月補正" in html
    take_step(bureau, change_set, "propose")
    take_step(bureau, change_set, "publish")
    assert PrintedStage.objects.get(document__number=2).natural_key() == ("june", "2")
    assert "資料に記載の額の予算区分" in client.get("/changes/").content.decode()
    (row,) = json.loads(b"".join(client.get("/changes.json")))["rows"]
    assert (row["kind"], row["key"]) == ("資料に記載の額の予算区分", "june 2")
    assert row["url"].endswith(document(2).get_absolute_url())
    take_step(bureau, change_set, "undo")
    assert snapshot() == before


def test_it_is_changed_where_it_stands_and_taken_away(bureau: Client) -> None:
    write_stage(bureau, 4, "june")
    (change,) = ChangeSet.objects.get().changes.all()
    assert (change.row, change.action) == (PrintedStage.objects.get().pk, "update")
    html = edit(bureau, document(4), **{"printed_stage-0-DELETE": "on"}).content.decode()
    assert "errornote" not in html
    (change,) = ChangeSet.objects.get().changes.all()
    assert (change.row, change.action) == (PrintedStage.objects.get().pk, "delete")


def test_a_second_one_is_refused_in_words_where_it_is_typed(bureau: Client) -> None:
    sent = {"document": document(4).pk, "stage": stage("june").pk, "_save": "保存"}
    html = bureau.post(admin_address(PrintedStage(), "add"), sent).content.decode()
    assert "この資料に記載の額の予算区分は、もう入っています。" in html
    assert not ChangeSet.objects.exists()
    assert "printed_stage-MAX_NUM_FORMS" in parse_form(bureau.get(admin_address(document(4))).content.decode())


def test_it_is_the_bureau_s_alone() -> None:
    author = create_user("editor", Role.EDITOR, "kyoiku")
    editor = sign_in_as(author)
    html = editor.get(admin_address(document(4))).content.decode()
    assert "資料に記載の額の予算区分" not in html
    assert "/admin/budgets/printedstage/" not in editor.get("/admin/").content.decode()
    with record_changes() as recorder:
        PrintedStage.objects.update(stage=stage("june"))
    with pytest.raises(NotPermittedError, match="デジタル推進部門に"):
        check_may_propose(User.objects.get(username="editor"), recorder.changes)


def test_the_desk_lists_it_beside_the_documents(bureau: Client) -> None:
    html = bureau.get("/admin/").content.decode()
    assert html.index("/admin/catalog/sourcedocument/") < html.index("/admin/budgets/printedstage/")
    assert html.index("/admin/budgets/printedstage/") < html.index("/admin/catalog/term/")
