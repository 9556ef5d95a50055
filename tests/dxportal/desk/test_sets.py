"""The pages of change sets: what they tell, which steps they offer, how conflicts are settled."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budgets.models import BudgetLine
from dxportal.changes.life import begin, keep, propose, publish
from dxportal.changes.models import ChangeSet, State
from dxportal.changes.recording import recorded
from dxportal.desk.models import Role
from tests.dxportal.desk.working import address, edit, line, person, signed_in, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def bureau() -> Client:
    return signed_in(person("bureau", Role.BUREAU))


def published_elsewhere(amount: int) -> None:
    """Somebody else's amount for the line, published meanwhile."""
    author = person(f"other-{amount}", Role.BUREAU)
    with recorded() as recorder:
        BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=amount)
    publish(propose(keep(begin(author, "よその公開", "試験"), recorder.changes)), author)


def test_a_base_that_has_moved_is_shown_with_both_sides(bureau: Client) -> None:
    edit(bureau, line("workation"), amount_thousand_yen=1, editorial_note="注")
    published_elsewhere(2)
    change_set = ChangeSet.objects.get(author__username="bureau")
    # the catalogue's pages lead to where the conflict is told
    response = bureau.get(address(line("workation")))
    assert (response.status_code, response.url) == (302, change_set.get_absolute_url())
    html = bureau.get(response.url).content.decode()
    assert "ほかの公開と重なっているところ（1件）" in html
    assert 'value="publish"' not in html


@pytest.mark.parametrize(("choice", "amount"), [("mine", 1), ("theirs", 2)])
def test_a_conflict_is_settled_field_by_field(bureau: Client, choice: str, amount: int) -> None:
    edit(bureau, line("workation"), amount_thousand_yen=1, editorial_note="注")
    published_elsewhere(2)
    change_set = ChangeSet.objects.get(author__username="bureau")
    take(bureau, change_set, "resolve", choice=choice, row=str(line("workation").pk), field="amount_thousand_yen")
    take(bureau, change_set, "propose")
    assert "公開しました" in take(bureau, change_set, "publish").content.decode()
    assert line("workation").amount_thousand_yen == amount
    assert line("workation").editorial_note == "注"


def test_the_last_field_given_up_takes_the_row_out_of_the_set(bureau: Client) -> None:
    edit(bureau, line("workation"), amount_thousand_yen=1)
    published_elsewhere(2)
    change_set = ChangeSet.objects.get(author__username="bureau")
    take(bureau, change_set, "resolve", choice="theirs", row=str(line("workation").pk), field="amount_thousand_yen")
    assert not change_set.changes.exists()
    assert bureau.get(address(line("workation"))).status_code == 200


def test_a_proposed_set_that_conflicts_is_not_published_and_says_so(bureau: Client) -> None:
    edit(bureau, line("workation"), amount_thousand_yen=1)
    change_set = ChangeSet.objects.get()
    take(bureau, change_set, "propose")
    published_elsewhere(2)
    assert "ほかの公開と重なっています" in take(bureau, change_set, "publish").content.decode()
    assert line("workation").amount_thousand_yen == 2
    change_set.refresh_from_db()
    assert change_set.state == State.PROPOSED


def test_a_button_of_an_old_page_does_nothing(bureau: Client) -> None:
    edit(bureau, line("workation"), amount_thousand_yen=1)
    change_set = ChangeSet.objects.get()
    edit(bureau, line("workation"), amount_thousand_yen=2)
    response = bureau.post(
        change_set.get_absolute_url(), {"step": "propose", "version": change_set.version}, follow=True
    )
    assert "書き換えられています" in response.content.decode()
    change_set.refresh_from_db()
    assert change_set.state == State.OPEN


def test_a_set_is_sent_back_and_mended(bureau: Client) -> None:
    editor = signed_in(person("editor", Role.EDITOR, "sogo-kikaku"))
    edit(editor, line("ict-education-base"), amount_thousand_yen=1)
    change_set = ChangeSet.objects.get()
    take(editor, change_set, "propose")
    assert "理由を書いてください" in take(bureau, change_set, "reject", reason=" ").content.decode()
    take(bureau, change_set, "reject", reason="額を確かめてください")
    assert "額を確かめてください" in editor.get(change_set.get_absolute_url()).content.decode()
    assert "額を確かめてください" not in editor.get("/changes/").content.decode()
    take(editor, change_set, "enter")
    edit(editor, line("ict-education-base"), amount_thousand_yen=2)
    take(editor, change_set, "propose")
    take(bureau, change_set, "publish")
    assert line("ict-education-base").amount_thousand_yen == 2


def test_one_may_leave_a_set_begin_another_and_come_back(bureau: Client) -> None:
    edit(bureau, line("workation"), amount_thousand_yen=1)
    first = ChangeSet.objects.get()
    take(bureau, first, "leave")
    edit(bureau, line("sns-consultation"), amount_thousand_yen=2)
    assert ChangeSet.objects.count() == 2
    take(bureau, first, "enter")
    html = bureau.get(address(line("workation"))).content.decode()
    assert 'value="1"' in html
    assert first.title in html


def test_a_step_or_a_set_that_is_not_there(bureau: Client) -> None:
    edit(bureau, line("workation"), amount_thousand_yen=1)
    change_set = ChangeSet.objects.get()
    assert take(bureau, change_set, "fly").status_code == 403
    assert bureau.get("/admin/changes/999999/").status_code == 404
    assert bureau.get("/admin/changes/99999999999999999999/").status_code == 404
    assert bureau.get("/admin/changes/?state=x&page=abc").status_code == 200


def test_pages_do_not_ask_more_for_more_changes(bureau: Client) -> None:
    def queries(rows: int) -> int:
        author = person(f"author-{rows}", Role.BUREAU)
        some = list(BudgetLine.objects.order_by("pk").values_list("pk", flat=True)[:rows])
        with recorded() as recorder:
            BudgetLine.objects.filter(pk__in=some).update(amount_thousand_yen=rows)
        change_set = keep(begin(author, "題", "試験"), recorder.changes)
        assert change_set.changes.count() == rows
        with CaptureQueriesContext(connection) as captured:
            assert bureau.get(change_set.get_absolute_url()).status_code == 200
        return len(captured)

    assert queries(2) == queries(20)


def test_the_list_does_not_ask_more_for_more_sets() -> None:
    author = person("author", Role.EDITOR, "kyoiku")
    client = signed_in(author)

    def queries(sets: int) -> int:
        for _ in range(sets):
            begin(author, "題", "試験")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/admin/changes/").status_code == 200
        return len(captured)

    assert queries(1) == queries(5)
