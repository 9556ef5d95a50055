"""Change sets outlive the schema: what a stored change says of fields and tables that are gone is shown, never done."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import models
from django.test import Client
from django.utils import timezone

from budgets.models import BudgetLine
from dxportal.changesets.departments import store_concerns
from dxportal.changesets.describe import describe_changes
from dxportal.changesets.differences import RowDifference
from dxportal.changesets.models import Action, Change, ChangeSet, State
from dxportal.changesets.refusals import NotReplayableError, RefusedByCatalogueError
from dxportal.changesets.row_values import get_columns, kind_of, label_of, read_rows
from dxportal.changesets.time_travel import NoSuchRevisionError, travel_to_revision
from dxportal.changesets.workflow import publish, undo
from dxportal.staff.models import Role
from dxportal.tracked_tables import CATALOGUE
from tests.budgets.making import change_reason
from tests.dxportal.changesets.change_sets import make_open_set, publish_edits
from tests.dxportal.staff.staff_actions import admin_address, create_user, find_line, sign_in_as, take_step

pytestmark = pytest.mark.django_db
GONE_FIELD, GONE_TABLE = "消えた欄", "消えた表"
SENTENCE = "公開も取り消しもできません"
ACTIONS = (Action.CREATE, Action.UPDATE, Action.DELETE)


@pytest.fixture(autouse=True)
def with_a_reason(db: None) -> None:
    """The one table of which the shipped plan has no row."""
    change_reason("workation")


def change_of(model: type[models.Model], action: Action) -> Change:
    """A change of a row of a table with all its fields."""
    row, values = next(iter(read_rows(model).items()))
    before = None if action == Action.CREATE else dict(values)
    after = None if action == Action.DELETE else dict(values)
    return Change(model=label_of(model), row=row, key="符号", name="名", action=action, before=before, after=after)


def rename_key(change: Change, old: str, new: str) -> Change:
    for side in (change.before, change.after):
        if side is not None:
            side[new] = side.pop(old)
    return change


def change_of_gone_field() -> Change:
    return rename_key(change_of(BudgetLine, Action.UPDATE), "page", GONE_FIELD)


def give_each_a_row(changes: list[Change]) -> list[Change]:
    """The changes, each of a row of its own, which is not stored: a set holds one change of a row."""
    for change in changes:
        change.row = uuid4()
    return changes


def make_set(state: State, changes: list[Change], author: User) -> ChangeSet:
    """A set in this state that holds just these changes, as an earlier version of the portal has left it."""
    change_set = publish_edits(lambda: find_line("workation").delete()) if state == State.PUBLISHED else make_open_set()
    if state != State.PUBLISHED:
        proposed_at = timezone.now() if state in (State.PROPOSED, State.REJECTED) else None
        ChangeSet.objects.filter(pk=change_set.pk).update(state=state, author=author, proposed_at=proposed_at)
    change_set.changes.all().delete()
    for change in changes:
        change.pk, change.change_set = None, change_set
    Change.objects.bulk_create(changes)
    store_concerns(changes)
    change_set.refresh_from_db()
    return change_set


def text(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return unescape(response.content.decode())


@pytest.mark.parametrize("model", CATALOGUE, ids=label_of)
def test_any_field_can_go(model: type[models.Model], bureau: User) -> None:
    changes = [
        rename_key(change_of(model, action), field.attname, GONE_FIELD)
        for field in get_columns(model)
        for action in ACTIONS
    ]
    make_set(State.DISCARDED, give_each_a_row(changes), bureau)
    for change, row in zip(changes, describe_changes(changes), strict=True):
        shown = next(one for one in row.fields if one.name == GONE_FIELD)
        assert GONE_FIELD in shown.label
        assert (shown.old, shown.new) == change.fields[GONE_FIELD]
        assert f"「{GONE_FIELD}」は、今の版のポータルにありません" in change.obstacle
        assert SENTENCE in change.obstacle
        with pytest.raises(NotReplayableError):
            RowDifference.of(change)


@pytest.mark.parametrize("model", CATALOGUE, ids=label_of)
def test_any_field_can_come(model: type[models.Model], bureau: User) -> None:
    """A row that is added or deleted, stored before a field came, cannot be written; an update can."""
    changes = []
    for field in get_columns(model):
        for action in ACTIONS:
            change = change_of(model, action)
            for side in (change.before, change.after):
                if side is not None:
                    del side[field.attname]
            changes.append(change)
            if action == Action.UPDATE:
                assert RowDifference.of(change).after == change.after
            else:
                assert f"「{field.verbose_name}」の値がありません" in change.obstacle
                with pytest.raises(NotReplayableError):
                    RowDifference.of(change)
    make_set(State.DISCARDED, give_each_a_row(changes), bureau)
    assert len(describe_changes(changes)) == len(changes)


@pytest.fixture
def obsolete() -> Callable[[], list[Change]]:
    """A change of each table whose fields have all gone, and one of a table that has gone itself."""

    def make() -> list[Change]:
        changes = []
        for number, model in enumerate(CATALOGUE):
            change = change_of(model, ACTIONS[number % 3])
            for name in list(change.fields):
                rename_key(change, name, f"消えた{name}")
            changes.append(change)
        gone = change_of(BudgetLine, Action.UPDATE)
        gone.model, gone.row = GONE_TABLE, uuid4()
        return [gone, *changes]

    return make


@pytest.mark.parametrize("state", [State.OPEN, State.PROPOSED, State.REJECTED, State.DISCARDED, State.PUBLISHED])
def test_sets_are_shown_and_say_why_they_cannot_go_on(
    state: State, obsolete: Callable[[], list[Change]], bureau: User
) -> None:
    change_set, client = make_set(state, obsolete(), bureau), sign_in_as(bureau)
    html = text(client.get(change_set.get_absolute_url()))
    assert f"変更（{len(CATALOGUE) + 1}件）" in html
    assert GONE_TABLE in html
    assert "消えたamount_thousand_yen（今の版にない欄）" in html
    assert SENTENCE in html
    assert not re.search('value="(propose|publish|undo)"', html)
    for step in ("propose", "publish", "undo"):
        answer = take_step(client, change_set, step)
        assert answer.status_code in (200, 403)  # 403: not theirs
        assert ChangeSet.objects.get(pk=change_set.pk).state == state
    preview = client.get(f"{change_set.get_absolute_url()}preview/", follow=True)
    assert preview.redirect_chain[-1][0] == change_set.get_absolute_url()
    assert client.get("/admin/").status_code == client.get("/admin/changes/").status_code == 200


def test_the_public_reads_what_was_published(
    obsolete: Callable[[], list[Change]], bureau: User, client: Client
) -> None:
    change_set = make_set(State.PUBLISHED, obsolete(), bureau)
    Change.objects.update(key="yamaguchi-2021 符号")
    html = text(client.get(f"/changes/?set={change_set.pk}"))
    assert GONE_TABLE in html
    assert "消えたamount_thousand_yen（今の版にない欄）" in html
    assert text(client.get("/changes/"))
    rows = [row for row in b"".join(client.get("/changes.json")).decode().splitlines() if "消えた" in row]
    assert len(rows) == len(CATALOGUE) + 1


@pytest.mark.parametrize("model", CATALOGUE, ids=label_of)
def test_histories_are_shown(model: type[models.Model], bureau: User) -> None:
    change = change_of(model, Action.UPDATE)
    row = model._default_manager.get(pk=change.row)
    first = next(iter(change.fields))
    make_set(State.PUBLISHED, [rename_key(change, first, GONE_FIELD)], bureau)
    assert f"{GONE_FIELD}（今の版にない欄）" in text(sign_in_as(bureau).get(admin_address(row, "history")))


def test_who_works_in_such_a_set_is_led_to_it(obsolete: Callable[[], list[Change]], bureau: User) -> None:
    change_set, client = make_set(State.REJECTED, obsolete(), bureau), sign_in_as(bureau)
    assert SENTENCE in text(take_step(client, change_set, "enter"))
    row = find_line("workation")
    shown = client.get(admin_address(row), follow=True)
    assert shown.redirect_chain[-1][0] == change_set.get_absolute_url()
    assert SENTENCE in text(shown)
    sent = client.post(admin_address(row), {"amount_thousand_yen": "12,345"})
    assert sent.status_code == 409
    assert SENTENCE in sent.content.decode()
    assert "12,345" in sent.content.decode()


def test_rows_are_left_out_until_the_rest_can_be_published(obsolete: Callable[[], list[Change]], bureau: User) -> None:
    good = change_of(BudgetLine, Action.UPDATE)
    good.before, good.after = {"amount_thousand_yen": good.before["amount_thousand_yen"]}, {"amount_thousand_yen": 7}
    bad = [change for change in obsolete() if change.model != good.model][:3]
    change_set, client = make_set(State.OPEN, [good, *bad], bureau), sign_in_as(bureau)
    for change in bad:
        assert SENTENCE in text(client.get(change_set.get_absolute_url()))
        answer = take_step(client, change_set, "resolve", row=str(change.row), field="x", choice="mine")
        assert SENTENCE in text(answer)
        take_step(client, change_set, "resolve", row=str(change.row), field="", choice="theirs")
    assert "提案しました。" in text(take_step(client, change_set, "propose"))
    assert "公開しました。" in text(take_step(client, change_set, "publish"))
    assert BudgetLine.objects.get(pk=good.row).amount_thousand_yen == 7


def test_editors_are_told_as_well(bureau: User) -> None:
    """The reason is the upgrade, not their duty."""
    editor = create_user("editor", Role.EDITOR, "kyoiku")
    own = find_line("museum-exhibition")
    change = Change(model=label_of(BudgetLine), row=own.pk, key="符号", name="名", action=Action.UPDATE)
    change.before, change.after = {GONE_FIELD: 1}, {GONE_FIELD: 2}
    gone = Change(model=GONE_TABLE, row=own.pk, key="符号", name="名", action=Action.CREATE, after={"a": 1})
    change_set = make_set(State.OPEN, [change, gone], editor)
    answer = text(take_step(sign_in_as(editor), change_set, "propose"))
    assert SENTENCE in answer
    assert "デジタル推進部門に頼んで" not in answer


def test_nothing_leads_back_over_such_a_set(bureau: User) -> None:
    change_set = make_set(State.PUBLISHED, [change_of_gone_field()], bureau)
    with pytest.raises(NoSuchRevisionError), travel_to_revision(change_set.revision - 1):
        pass
    with travel_to_revision(change_set.revision):
        pass
    with pytest.raises(RefusedByCatalogueError):
        undo(change_set, bureau)


def test_a_proposed_set_is_refused_whole(bureau: User) -> None:
    before = read_rows(BudgetLine)
    good, bad = (
        change_of(BudgetLine, Action.DELETE),
        change_of_gone_field(),
    )
    bad.row = uuid4()
    change_set = make_set(State.PROPOSED, [good, bad], bureau)
    with pytest.raises(NotReplayableError):
        publish(change_set, bureau)
    assert read_rows(BudgetLine) == before


def test_tables_are_called_by_what_they_are_stored_under() -> None:
    assert kind_of("budgets.budgetline") == "予算額"
    assert kind_of(GONE_TABLE) == GONE_TABLE
