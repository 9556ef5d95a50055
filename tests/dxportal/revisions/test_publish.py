"""Whatever changes what the public sees makes the next revision, and nothing else does."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pytest
from django.db import connection

from budgets.models import BudgetLine
from catalog.row_changes import RowChange
from dxportal.changesets.recording import preview_catalogue
from dxportal.changesets.workflow import WorkflowError, discard, propose, publish, reject, undo
from dxportal.planfiles.folder_reader import read_folder
from dxportal.planfiles.loading import load_folder
from dxportal.revisions.publish import SUBSCRIBERS, advance_revision, current_revision
from projects.models import Appearance
from tests.dxportal.changesets.change_sets import create_author, make_open_set, publish_edits
from tests.folders.generated_plan import generate_folder
from tests.plans import MINAMIHOSHI

pytestmark = pytest.mark.django_db


@pytest.fixture
def subscriber_calls() -> Iterator[list[Collection[RowChange] | None]]:
    """Collect the arguments of the calls of a subscriber."""
    calls: list[Collection[RowChange] | None] = []
    SUBSCRIBERS.append(calls.append)
    yield calls
    SUBSCRIBERS.remove(calls.append)


def set_amount(amount: int) -> int:
    return BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=amount)


def test_publishing_and_undoing_make_a_revision_each(subscriber_calls: list[Collection[RowChange] | None]) -> None:
    row = (BudgetLine, BudgetLine.objects.get(project__code="workation").pk)
    before = current_revision()
    one = publish_edits(lambda: set_amount(1))
    assert (one.revision, current_revision()) == (before + 1, before + 1)
    reverse = undo(one, create_author())
    assert (reverse.revision, current_revision()) == (before + 2, before + 2)
    assert [[(one.model, one.row) for one in changes or ()] for changes in subscriber_calls] == [[row], [row]]


def test_what_is_not_published_makes_none(subscriber_calls: list[Collection[RowChange] | None]) -> None:
    before = current_revision()
    proposed = propose(make_open_set(lambda: set_amount(1)))
    with preview_catalogue([]):
        pass
    reject(proposed, create_author(), "根拠を書いてください。")
    discard(make_open_set(lambda: set_amount(2)))
    assert current_revision() == before
    assert subscriber_calls == []


def test_a_publication_that_fails_makes_none(subscriber_calls: list[Collection[RowChange] | None]) -> None:
    before = current_revision()
    one = propose(make_open_set(lambda: set_amount(1)))
    publish(one, create_author())
    with pytest.raises(WorkflowError):
        publish(one, create_author())
    assert current_revision() == before + 1
    assert len(subscriber_calls) == 1


def test_loading_a_plan_makes_one_unless_nothing_changes(subscriber_calls: list[Collection[RowChange] | None]) -> None:
    before = current_revision()
    folder = read_folder(MINAMIHOSHI)
    load_folder(folder, replace=True)
    load_folder(folder)
    assert current_revision() == before + 1
    assert subscriber_calls == [None]


def test_a_subscriber_that_fails_takes_the_publication_with_it() -> None:
    def fail(rows: Collection[RowChange] | None) -> None:
        raise RuntimeError

    before, one = current_revision(), propose(make_open_set(lambda: set_amount(1)))
    SUBSCRIBERS.append(fail)
    try:
        with pytest.raises(RuntimeError):
            publish(one, create_author())
    finally:
        SUBSCRIBERS.remove(fail)
    one.refresh_from_db()
    assert (one.state, current_revision()) == ("proposed", before)
    assert not BudgetLine.objects.filter(project__code="workation", amount_thousand_yen=1).exists()


def test_the_first_revision_of_an_empty_database_is_1() -> None:
    from dxportal.revisions.models import Revision

    Revision.objects.all().delete()
    assert current_revision() == 0
    assert advance_revision([]) == 1


def test_the_database_knows_how_many_rows_a_loaded_plan_has() -> None:
    """Else it reads tables of thousands as if they were empty until it counts by itself, which may be in a minute."""
    load_folder(generate_folder(3), replace=True)
    statement = {
        "postgresql": "SELECT reltuples::int FROM pg_class WHERE relname = %s",
        "sqlite": "SELECT stat FROM sqlite_stat1 WHERE tbl = %s",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(statement, [Appearance._meta.db_table])
        counted = {int(str(row).split()[0]) for (row,) in cursor.fetchall()}
    assert counted == {Appearance.objects.count()}
