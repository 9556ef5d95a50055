"""Stored changes are converted as if columns of budget lines had changed, and then do what they did before.

The tables of the tests are those of this version, so each test writes changes as an earlier version would have stored
them, and runs the operation that brings them here.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.test.utils import CaptureQueriesContext

from budgets.models import BudgetLine
from catalog.models import Goal
from dxportal.changesets import migration_operations
from dxportal.changesets.migration_operations import (
    Conversion,
    add_field,
    convert_values,
    keep_revision,
    raise_revision,
    remove_field,
    remove_model,
    rename_field,
    rename_model,
)
from dxportal.changesets.models import Action, Change, ChangeSet, State
from dxportal.changesets.time_travel import NoSuchRevisionError, travel_to_revision
from dxportal.changesets.workflow import propose, publish, undo
from dxportal.revisions.publish import current_revision, revision_token
from dxportal.staff.models import Role
from tests.dxportal.changesets.change_sets import create_author, make_open_set, publish_edits
from tests.dxportal.changesets.edits import snapshot
from tests.dxportal.staff.staff_actions import create_user, sign_in_as
from tests.upgrades.databases import connect_to

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LINES = "budgets.budgetline"
OTHER_STATES = (State.REJECTED, State.DISCARDED)
Sides = list[tuple[str, Any, Any]]


@cache
def state() -> ProjectState:
    """The models as migrations of this app see them."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return loader.project_state([node for node in loader.graph.leaf_nodes() if node[0] in ("changes", "revisions")])


def run(operation: Conversion, backwards: bool = False) -> None:
    # SQLite's schema editor refuses to work in the transaction of a test; conversions ask for its connection alone.
    editor: Any = SimpleNamespace(connection=connection)
    turn = operation.database_backwards if backwards else operation.database_forwards
    turn("changes", editor, state().clone(), state().clone())


def edit_lines() -> None:
    """A line is added, two are changed, one is deleted."""
    first, second, third = BudgetLine.objects.filter(kind="expenditure").order_by("pk")[:3]
    BudgetLine.objects.filter(pk=first.pk).update(editorial_note="注", amount_thousand_yen=5)
    BudgetLine.objects.filter(pk=second.pk).update(amount_thousand_yen=0)
    third.delete()
    first.pk, first.fiscal_year, first.editorial_note = uuid4(), 2030, "足した注"
    first._state.adding = True
    first.save()


@pytest.fixture
def sets() -> dict[State, ChangeSet]:
    """The same edits as sets in every state; what is published has moved the catalogue on."""
    found = {State.OPEN: make_open_set(edit_lines)}
    for other in OTHER_STATES:
        found[other] = make_open_set(edit_lines)
        ChangeSet.objects.filter(pk=found[other].pk).update(state=other)
    found[State.UNDONE] = publish_edits(edit_lines)
    undo(found[State.UNDONE], create_author("reviewer"))
    return found


def sides() -> Sides:
    return list(Change.objects.order_by("pk").values_list("model", "before", "after"))


def store(model: str = LINES, **renamed: str) -> None:
    """Write the changes as an earlier version had them: with a column under another name, or without it."""
    for change in Change.objects.all():
        for side in (change.before, change.after):
            for new, old in renamed.items():
                if side is not None and new in side:
                    value = side.pop(new)
                    if old:
                        side[old] = value
        change.model = model
        change.save()


def can_be_published_and_undone(sets: dict[State, ChangeSet]) -> bool:
    """Whether the open set can be published and undone, and each other one looked at."""
    before = snapshot()
    reviewer = create_author("reviewer")
    done = publish(propose(sets[State.OPEN]), reviewer)
    moved = snapshot()
    undo(done, reviewer)
    client = sign_in_as(create_user("bureau", Role.BUREAU))
    for change_set in ChangeSet.objects.exclude(state=State.DISCARDED).exclude(proposed_at=None):
        assert client.get(change_set.get_absolute_url()).status_code == 200
        assert not change_set.obstacle
    return moved != before and snapshot() == before


CONVERSIONS = [
    pytest.param(rename_field(LINES, "note", "editorial_note"), {"editorial_note": "note"}, LINES, id="renamed"),
    pytest.param(rename_field(LINES, "body_id", "department_id"), {"department_id": "body_id"}, LINES, id="relation"),
    pytest.param(rename_model("budgets.amount", LINES), {}, "budgets.amount", id="table"),
]


@pytest.mark.parametrize(("operation", "old", "model"), CONVERSIONS)
def test_names_that_have_changed(
    operation: Conversion, old: dict[str, str], model: str, sets: dict[State, ChangeSet]
) -> None:
    now = sides()
    store(model, **old)
    stored = sides()
    assert sets[State.OPEN].obstacle
    run(operation)
    assert sides() == now
    run(operation, backwards=True)
    assert sides() == stored
    run(operation)
    assert can_be_published_and_undone(sets)


def test_a_field_that_is_new_has_its_value_in_rows_that_come_and_go(sets: dict[State, ChangeSet]) -> None:
    store(page="")
    updates = Change.objects.filter(action=Action.UPDATE)
    before = list(updates.values_list("before", "after"))
    assert "「出典ページ」の値がありません" in sets[State.OPEN].obstacle
    # The values that the migration would have written into the table: here the page that each row has.
    pages = {str(pk): page for pk, page in BudgetLine.objects.values_list("project", "page")}
    operation = add_field(LINES, "page", lambda side: pages[side["project_id"]])
    run(operation)
    assert list(updates.values_list("before", "after")) == before
    for change in Change.objects.exclude(action=Action.UPDATE):
        assert all("page" in side for side in (change.before, change.after) if side is not None)
        assert [change.before is None, change.after is None].count(True) == 1
    assert can_be_published_and_undone(sets)
    run(operation, backwards=True)
    assert not any("page" in (side or {}) for _, *both in sides() for side in both)


def test_a_field_that_is_new_may_have_the_same_value_in_all_rows(sets: dict[State, ChangeSet]) -> None:
    store(kind="")
    run(add_field(LINES, "kind", "expenditure"))
    assert can_be_published_and_undone(sets)


def test_a_field_that_is_removed_is_stored_under_its_label(sets: dict[State, ChangeSet]) -> None:
    for change in Change.objects.all():
        for side in (change.before, change.after):
            if side is not None:
                side["section"] = "総務課"
        change.save()
    stored = sides()
    operation = remove_field(LINES, "section", "担当課")
    run(operation)
    assert all(side["担当課"] == "総務課" for _, *both in sides() for side in both if side is not None)
    assert "「担当課」は、今の版のポータルにありません" in sets[State.OPEN].obstacle
    run(operation, backwards=True)
    assert sides() == stored


def test_a_table_that_is_removed_is_stored_under_its_name(sets: dict[State, ChangeSet]) -> None:
    stored = sides()
    operation = remove_model(LINES, "旧予算額")
    run(operation)
    assert {model for model, *_ in sides()} == {"旧予算額"}
    client = sign_in_as(create_user("another", Role.BUREAU))
    html = client.get(sets[State.UNDONE].get_absolute_url()).content.decode()
    assert "旧予算額" in html
    run(operation, backwards=True)
    assert sides() == stored


def test_values_that_have_changed_make_older_sheets_old(sets: dict[State, ChangeSet]) -> None:
    now, revision, was = sides(), current_revision(), revision_token()
    for change in Change.objects.all():  # amounts in yen, as an earlier version might have had them
        for side in (change.before, change.after):
            if side is not None and "amount_thousand_yen" in side:
                side["amount_thousand_yen"] *= 1000
        change.save()
    stored = sides()
    operation = convert_values(LINES, "amount_thousand_yen", lambda yen: yen // 1000, lambda amount: amount * 1000)
    run(operation)
    assert sides() == now
    assert current_revision() == revision + 1
    assert revision_token() != was
    with pytest.raises(NoSuchRevisionError), travel_to_revision(revision):
        pass
    run(operation, backwards=True)
    assert sides() == stored
    assert current_revision() == revision + 2
    run(operation)
    assert can_be_published_and_undone(sets)
    assert ChangeSet.objects.published()[0].revision == current_revision() == revision + 5


def test_values_that_cannot_be_had_back_stop_the_way_back() -> None:
    assert not convert_values(LINES, "kind", str.upper).reversible
    assert convert_values(LINES, "kind", str.upper, str.lower).reversible


def test_data_that_a_migration_changes_raise_the_revision() -> None:
    revision = current_revision()
    run(keep_revision())
    assert current_revision() == revision
    run(raise_revision())
    assert current_revision() == revision + 1
    with pytest.raises(NoSuchRevisionError), travel_to_revision(revision):
        pass


def test_memory_is_bounded(sets: dict[State, ChangeSet], monkeypatch: pytest.MonkeyPatch) -> None:
    count = Change.objects.count()
    assert count == 20
    monkeypatch.setattr(migration_operations, "CHANGES_PER_BATCH", 3)
    seen = []
    editor: Any = SimpleNamespace(connection=connection)
    with CaptureQueriesContext(connection) as queries:
        for chunk in migration_operations.iterate_change_batches(state().apps, editor, LINES):
            seen += [change.pk for change in chunk]
            assert len(chunk) <= 3
    assert seen == list(Change.objects.order_by("pk").values_list("pk", flat=True))
    assert len(queries) == -(-count // 3) + 1
    now = sides()
    run(rename_field(LINES, "project_id", "scheme_id"))
    assert sides() != now
    run(rename_field(LINES, "scheme_id", "project_id"))
    assert sides() == now


def test_they_run_in_migrations_forwards_and_backwards() -> None:
    migration = Migration("9999_next", "changes")
    migration.operations = [
        rename_field("projects.project", "name", "title"),
        remove_field(LINES, "amount_thousand_yen", "予算額"),
        rename_model(LINES, "budgets.amount"),
        raise_revision(),
    ]
    with connect_to("0.1.0"):
        call_command("migrate", verbosity=0, interactive=False)
        before = sides()
        with connection.schema_editor() as editor:
            migration.apply(state().clone(), editor)
        after = sides()
        assert any("予算額" in before for model, before, _ in after if model == "budgets.amount" and before)
        assert any("title" in before for model, before, _ in after if model == "projects.project" and before)
        with connection.schema_editor() as editor:
            migration.unapply(state().clone(), editor)
        assert sides() == before


@pytest.mark.parametrize("make", [remove_model, lambda model, label: remove_field(model, "page", label)])
def test_labels_of_what_is_removed_are_no_names_of_columns(make: Any) -> None:
    """A later version may have a column of this name."""
    with pytest.raises(ValueError, match="must not look like"):
        make(LINES, "page")


def test_a_label_that_is_taken_loses_no_values(sets: dict[State, ChangeSet]) -> None:
    run(remove_field(LINES, "page", "出典"))
    with pytest.raises(ValueError, match="choose another label"):
        run(remove_field(LINES, "document_id", "出典"))


def test_line_ends_of_forms_are_stored_as_line_feeds() -> None:
    store = import_module("dxportal.changesets.migrations.0003_line_feeds").store_line_feeds
    goal, token = Goal.objects.order_by("pk")[0], revision_token()
    open_set = make_open_set(lambda: Goal.objects.filter(pk=goal.pk).update(text="一\r\n二"))
    Change.objects.filter(change_set=open_set).update(before={"text": "三\r\n四"})
    Goal.objects.filter(pk=goal.pk).update(text="三\r\n四")
    store(apps, SimpleNamespace(connection=connection))
    goal.refresh_from_db()
    change = open_set.changes.get()
    assert (goal.text, change.before, change.after) == ("三\n四", {"text": "三\n四"}, {"text": "一\n二"})
    assert revision_token() != token
    publish(propose(open_set), create_author("reviewer"))
    assert Goal.objects.get(pk=goal.pk).text == "一\n二"


def test_a_catalogue_with_line_feeds_alone_keeps_its_revision() -> None:
    store, token = import_module("dxportal.changesets.migrations.0003_line_feeds").store_line_feeds, revision_token()
    store(apps, SimpleNamespace(connection=connection))
    assert revision_token() == token
