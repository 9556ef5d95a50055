"""Any edits, recorded, amended, published and undone: publishing equals doing, undoing restores."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from hypothesis import given

from budgets.models import BudgetLine, Stage
from catalog.models import Department
from dxportal.changesets.models import Action, ChangeSet, State
from dxportal.changesets.recording import UnclearStatementError, record_changes
from dxportal.changesets.refusals import RefusedByCatalogueError
from dxportal.changesets.replaying import ConflictError, replay
from dxportal.changesets.workflow import (
    WorkflowError,
    create_set,
    propose,
    publish,
    read_differences,
    reject,
    reopen,
    replace_changes,
    undo,
)
from projects.models import Project, ProjectPart
from tests.dxportal.changesets.edits import Edit, edits, identity, snapshot
from tests.examples import examples
from tests.plans import minamihoshi, use_plans

pytestmark = [pytest.mark.django_db, use_plans(minamihoshi)]


@pytest.fixture
def author() -> User:
    return User.objects.create_user("author")


def record(author: User, *done: Edit) -> ChangeSet:
    with record_changes() as recorder:
        for edit in done:
            edit()
    return replace_changes(create_set(author, "試み", "試験"), recorder.changes)


def published(author: User, *done: Edit) -> ChangeSet:
    return publish(propose(record(author, *done)), author)


class Rollback(Exception):  # noqa: N818  # not an error
    pass


def done_directly(*done: Edit) -> object:
    """Return the catalogue as it would be after the edits without a change set."""
    with pytest.raises(Rollback), transaction.atomic():  # noqa: PT012
        for edit in done:
            edit()
        after = snapshot()
        raise Rollback
    return after


@examples(40)
@given(first=edits, more=edits)
def test_any_edits_recorded_amended_published_and_undone(author: User, first: list[Edit], more: list[Edit]) -> None:
    with transaction.atomic():
        before = snapshot()
        wanted = done_directly(*first, *more)
        change_set = record(author, *first)
        assert snapshot() == before
        # amended: the set is replayed, a further edit is made, the whole difference is kept anew
        with record_changes() as recorder:
            replay(read_differences(change_set))
            for edit in more:
                edit()
        change_set = replace_changes(change_set, recorder.changes)
        assert snapshot() == before
        if change_set.changes.exists():
            change_set = publish(propose(change_set), author)
            assert snapshot() == wanted
            reverse = undo(change_set, author)
            assert ChangeSet.objects.get(pk=change_set.pk).state == State.UNDONE
            assert [change.fields for change in reverse.changes.all()] == [
                {name: (after, before) for name, (before, after) in change.fields.items()}
                for change in change_set.changes.all()
            ]
        else:
            assert wanted == before
        assert snapshot() == before
        transaction.set_rollback(True)


def test_a_set_holds_the_net_difference_and_only_changed_fields(author: User) -> None:
    line = BudgetLine.objects.get(project__code="online", fiscal_year=2023, stage__code="initial")

    def edit() -> None:
        for amount in (5, 6, 7):
            BudgetLine.objects.filter(pk=line.pk).update(amount_thousand_yen=amount)
        Project.objects.create(code="gone", name="消える", department=line.department)
        Project.objects.filter(code="gone").delete()

    change = record(author, edit).changes.get()
    assert (change.action, change.model, change.row) == (Action.UPDATE, "budgets.budgetline", line.pk)
    assert (change.before, change.after) == ({"amount_thousand_yen": 1200}, {"amount_thousand_yen": 7})
    assert change.key == "online forms 2023 initial expenditure"
    assert change.name == "手続オンライン事業（申請書） 2023年度 当初"


def test_an_edit_that_changes_nothing_is_no_change(author: User) -> None:
    project = Project.objects.first()
    assert record(author, project.save, lambda: Project.objects.update(nature=project.nature)).changes.count() <= 1
    assert not record(author, project.save).changes.exists()


def test_values_that_are_unique_may_change_places(author: User) -> None:
    first, second = Stage.objects.all()[:2]

    def swap() -> None:
        Stage.objects.filter(pk=first.pk).update(name="仮")
        Stage.objects.filter(pk=second.pk).update(name=first.name)
        Stage.objects.filter(pk=first.pk).update(name=second.name)

    published(author, swap)
    assert Stage.objects.get(pk=first.pk).name == second.name
    assert Stage.objects.get(pk=second.pk).name == first.name


def test_a_failing_edit_leaves_nothing_behind(author: User) -> None:
    before = snapshot()
    with pytest.raises(ProtectedError), record_changes():  # noqa: PT012
        Project.objects.update(name="x")
        Department.objects.all().delete()
    assert snapshot() == before


def test_an_edit_that_the_database_refuses_is_refused_when_it_is_recorded(author: User) -> None:
    line = BudgetLine.objects.first()
    with pytest.raises(IntegrityError), record_changes():
        BudgetLine.objects.filter(pk=line.pk).update(fiscal_year=1)


def test_a_statement_that_nobody_understands_is_not_run(author: User) -> None:
    with pytest.raises(UnclearStatementError), record_changes(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE budgets_budgetline")
    assert BudgetLine.objects.exists()


def test_what_only_reads_is_run_however_it_begins(author: User) -> None:
    codes = Project.objects.order_by().values_list("code")
    with record_changes() as recorder:
        assert list(codes.union(Department.objects.order_by().values_list("code"), all=True).order_by("code"))
    assert recorder.changes == []


def test_only_the_version_that_was_reviewed_is_published(author: User) -> None:
    reviewed = propose(record(author, lambda: Project.objects.update(kana="あ")))
    opened = reopen(ChangeSet.objects.get(pk=reviewed.pk))
    with record_changes() as recorder:
        Project.objects.update(kana="い")
    propose(replace_changes(opened, recorder.changes))
    with pytest.raises(WorkflowError, match="書き換えられています"):
        publish(reviewed, author)
    assert not Project.objects.filter(kana__in=("あ", "い")).exists()


def test_two_tabs_do_not_overwrite_each_other(author: User) -> None:
    change_set = create_set(author, "題", "試験")
    with record_changes() as recorder:
        Project.objects.update(kana="あ")
    replace_changes(change_set, recorder.changes)
    with pytest.raises(WorkflowError):
        replace_changes(change_set, recorder.changes)


def test_a_base_that_has_moved_is_told_field_by_field_and_nothing_is_written(author: User) -> None:
    line = BudgetLine.objects.get(project__code="online", fiscal_year=2023, stage__code="june")
    mine = propose(
        record(author, lambda: BudgetLine.objects.filter(pk=line.pk).update(amount_thousand_yen=1, editorial_note="注"))
    )
    published(author, lambda: BudgetLine.objects.filter(pk=line.pk).update(amount_thousand_yen=2))
    before = snapshot()
    with pytest.raises(ConflictError) as told:
        publish(mine, author)
    assert [(c.field, c.base, c.mine, c.theirs) for c in told.value.conflicts] == [("amount_thousand_yen", 300, 1, 2)]
    assert snapshot() == before
    assert ChangeSet.objects.get(pk=mine.pk).state == State.PROPOSED


def test_a_row_that_was_deleted_or_made_meanwhile_is_a_conflict(author: User) -> None:
    line = BudgetLine.objects.get(project__code="online", fiscal_year=2023, stage__code="june")
    mine = propose(record(author, lambda: BudgetLine.objects.filter(pk=line.pk).update(amount_thousand_yen=1)))
    published(author, line.delete)
    with pytest.raises(ConflictError) as told:
        publish(mine, author)
    assert [(c.field, c.theirs) for c in told.value.conflicts] == [("", None)]


def test_what_has_gained_references_since_is_not_deleted(author: User) -> None:
    part = ProjectPart.objects.create(project=Project.objects.get(code="survey"), code="t", name="部", position=0)
    mine = propose(record(author, lambda: ProjectPart.objects.filter(pk=part.pk).delete()))
    line = BudgetLine.objects.get(project__code="counter", stage__role="initial")
    BudgetLine.objects.filter(pk=line.pk).update(part=part)
    with pytest.raises(RefusedByCatalogueError):
        publish(mine, author)
    assert ProjectPart.objects.filter(pk=part.pk).exists()


def test_a_rule_of_the_database_is_held_when_publishing(author: User) -> None:
    def edit() -> None:
        Project.objects.create(code="same", name="同じ", department=Department.objects.first())

    mine, other = (propose(record(author, edit)) for _ in range(2))
    publish(mine, author)
    with pytest.raises(RefusedByCatalogueError):
        publish(other, author)


def test_a_set_is_sent_back_with_a_reason(author: User) -> None:
    proposed = propose(record(author, lambda: Project.objects.update(kana="あ")))
    with pytest.raises(WorkflowError, match="理由"):
        reject(proposed, author, "  ")
    assert reject(proposed, author, "額を確かめてください").reason == "額を確かめてください"
    assert propose(reopen(ChangeSet.objects.get(pk=proposed.pk))).reason == ""


def test_an_empty_set_is_not_proposed(author: User) -> None:
    with pytest.raises(WorkflowError, match="まだ一つもない"):
        propose(create_set(author, "題", "試験"))


def test_what_was_undone_is_not_undone_again(author: User) -> None:
    done = published(author, lambda: Project.objects.update(kana="あ"))
    undo(done, author)
    with pytest.raises(WorkflowError):
        undo(ChangeSet.objects.get(pk=done.pk), author)


def test_recording_takes_a_fixed_number_of_queries(author: User) -> None:
    def queries(rows: int) -> int:
        department = Department.objects.first()
        with CaptureQueriesContext(connection) as captured, record_changes():
            Project.objects.bulk_create(
                Project(code=f"n{rows}-{n}", name="新", department=department) for n in range(rows)
            )
        return len(captured)

    assert queries(1) == queries(50)


# Two sets that want the same


def a_line() -> BudgetLine:
    return BudgetLine.objects.order_by("pk")[0]


def set_line(**values: object) -> Edit:
    pk = a_line().pk
    return lambda: BudgetLine.objects.filter(pk=pk).update(**values)


def test_what_is_public_as_it_is_wanted_is_no_conflict_and_no_change(author: User) -> None:
    first, second = (propose(record(author, set_line(amount_thousand_yen=7))) for _ in range(2))
    publish(first, author)
    after = snapshot()
    with pytest.raises(WorkflowError, match="今公開されている内容と同じ"):
        publish(second, author)
    assert snapshot() == after
    assert ChangeSet.objects.get(pk=second.pk).state == State.PROPOSED


def test_a_set_takes_back_only_what_its_publication_did(author: User) -> None:
    before = snapshot()
    first = propose(record(author, set_line(amount_thousand_yen=7)))
    second = propose(record(author, set_line(amount_thousand_yen=7, editorial_note="注")))
    first = publish(first, author)
    second = publish(second, author)
    assert second.changes.get().fields == {"editorial_note": ("", "注")}
    undo(second, author)
    assert (a_line().amount_thousand_yen, a_line().editorial_note) == (7, "")
    undo(first, author)
    assert snapshot() == before


def test_the_other_field_is_a_conflict_still(author: User) -> None:
    first = propose(record(author, set_line(amount_thousand_yen=7, editorial_note="一")))
    second = propose(record(author, set_line(amount_thousand_yen=7, editorial_note="二")))
    publish(first, author)
    with pytest.raises(ConflictError) as caught:
        publish(second, author)
    (conflict,) = caught.value.conflicts
    assert (conflict.field, conflict.mine, conflict.theirs) == ("editorial_note", "二", "一")


def test_the_same_row_added_or_deleted_twice_is_no_conflict(author: User) -> None:
    def add() -> None:
        Project.objects.create(pk=identity("same"), code="same", name="同じ", department=Department.objects.all()[0])

    first, second = (propose(record(author, add, set_line(amount_thousand_yen=8 + n))) for n in range(2))
    publish(first, author)
    with pytest.raises(ConflictError) as caught:
        publish(second, author)
    assert [conflict.field for conflict in caught.value.conflicts] == ["amount_thousand_yen"]
    third = propose(record(author, lambda: a_line().delete()))
    fourth = propose(record(author, lambda: a_line().delete(), set_line(amount_thousand_yen=0)))
    pk = a_line().pk
    publish(third, author)
    assert not BudgetLine.objects.filter(pk=pk).exists()
    with pytest.raises(WorkflowError, match="同じ"):
        publish(fourth, author)


def test_another_row_under_the_same_identity_is_a_conflict(author: User) -> None:
    def add(name: str) -> Edit:
        return lambda: Project.objects.create(
            pk=identity("same"), code="same", name=name, department=Department.objects.all()[0]
        )

    first, second = (propose(record(author, add(name))) for name in ("一", "二"))
    publish(first, author)
    with pytest.raises(ConflictError):
        publish(second, author)


def test_undoing_is_strict_where_a_later_set_has_put_the_value_back(author: User) -> None:
    old = a_line().amount_thousand_yen
    first = published(author, set_line(amount_thousand_yen=7))
    later = published(author, set_line(amount_thousand_yen=old))
    with pytest.raises(WorkflowError, match="先にそれを取り消して"):
        undo(first, author)
    undo(later, author)
    undo(ChangeSet.objects.get(pk=first.pk), author)
    assert a_line().amount_thousand_yen == old


@examples(25)
@given(first=edits, more=edits)
def test_any_two_sets_are_published_undone_or_refused_as_wholes(
    author: User, first: list[Edit], more: list[Edit]
) -> None:
    with transaction.atomic():
        before = snapshot()
        sets = [record(author, *first), record(author, *first, *more)]
        done = []
        for change_set in sets:
            state = snapshot()
            try:
                with transaction.atomic():
                    done.append((publish(propose(change_set), author), state))
            except (WorkflowError, ConflictError, RefusedByCatalogueError):
                assert snapshot() == state
        for change_set, state in reversed(done):
            undo(change_set, author)
            assert snapshot() == state
        assert snapshot() == before
        transaction.set_rollback(True)
