"""Questions on the pages of change sets: asked before proposing and publishing, ticked, and seen by the reviewer."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from budgets.models import BudgetLine, Stage
from dxportal.changesets.models import ChangeSet, Confirmation, State
from dxportal.changesets.recording import record_changes
from dxportal.changesets.workflow import create_set, propose, replace_changes
from dxportal.staff import change_set_views
from dxportal.staff.models import Role
from tests.dxportal.changesets.change_sets import publish_edits
from tests.dxportal.staff.staff_actions import (
    create_user,
    edit,
    find_line,
    read_questions,
    sign_in_as,
    take_step,
)

pytestmark = pytest.mark.django_db

ODD = 85_000 * 1_000  # thousand yen, where 85,000 were
SENTENCE = "の額が、85,000千円から85,000,000千円へ、100倍以上になります。"


@pytest.fixture
def editor_client() -> Client:
    return sign_in_as(create_user("editor", Role.EDITOR, "sogo-kikaku"))


def open_odd_set(client: Client, amount: int = ODD) -> ChangeSet:
    response = edit(client, find_line("workation"), amount_thousand_yen=amount)
    assert response.status_code == 302, response.content.decode()
    return ChangeSet.objects.get(state=State.OPEN)


def page_of(client: Client, change_set: ChangeSet) -> str:
    response = client.get(change_set.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def state_of(change_set: ChangeSet) -> str:
    return ChangeSet.objects.get(pk=change_set.pk).state


def test_a_set_with_an_unticked_question_is_not_proposed_and_loses_nothing(editor_client: Client) -> None:
    change_set = open_odd_set(editor_client)
    response = take_step(editor_client, change_set, "propose", question=[], title="書いた題")
    html = response.content.decode()
    assert response.status_code == 400
    assert state_of(change_set) == State.OPEN
    assert "まだ確かめていないことが1件あります。" in html
    assert 'href="#question-1"' in html
    assert 'value="書いた題"' in html
    assert SENTENCE in words(html)
    assert "円と千円を取り違えていないか" in html
    (checkbox,) = re.findall(r'<input type="checkbox"[^>]*>', html)
    assert ('id="question-1"' in checkbox, "checked" in checkbox) == (True, False)
    assert '<label for="question-1">' in html
    assert f'href="/admin/budgets/budgetline/{find_line("workation").pk}/change/"' in html
    assert not Confirmation.objects.exists()


def test_a_ticked_set_is_proposed_and_the_reviewer_sees_who_confirmed_it(
    editor_client: Client, bureau_client: Client
) -> None:
    change_set = open_odd_set(editor_client)
    html = page_of(editor_client, change_set)
    assert "確かめること（1件）" in words(html)
    take_step(editor_client, change_set, "propose", question=read_questions(html))
    assert state_of(change_set) == State.PROPOSED
    confirmation = Confirmation.objects.get()
    assert (confirmation.change_set, confirmation.user.username) == (change_set, "editor")
    html = page_of(bureau_client, change_set)
    assert not read_questions(html)
    assert re.search(rf"{SENTENCE} 確かめた人：editor（\d+年\d+月\d+日 \d+:\d+）", words(html))
    take_step(bureau_client, change_set, "publish", question=[])
    assert find_line("workation").amount_thousand_yen == ODD
    published = words(page_of(bureau_client, change_set))
    assert f"{SENTENCE} 確かめた人：editor" in published


def test_a_changed_value_asks_again_and_the_old_tick_is_forgotten(editor_client: Client) -> None:
    change_set = open_odd_set(editor_client)
    take_step(editor_client, change_set, "propose")
    take_step(editor_client, change_set, "enter")
    # the same value is not asked about twice
    assert not read_questions(page_of(editor_client, change_set))
    edit(editor_client, find_line("workation"), amount_thousand_yen=ODD + 1)
    assert take_step(editor_client, change_set, "propose", question=[]).status_code == 400
    assert state_of(change_set) == State.OPEN
    assert not Confirmation.objects.exists()
    take_step(editor_client, change_set, "propose")
    assert state_of(change_set) == State.PROPOSED
    assert "85,000,001千円" in Confirmation.objects.get().sentence


def test_some_ticks_stay_when_others_are_missing(bureau_client: Client) -> None:
    edit(bureau_client, find_line("museum-exhibition"), amount_thousand_yen=1)
    change_set = open_odd_set(bureau_client)
    first, second = read_questions(page_of(bureau_client, change_set))
    response = take_step(bureau_client, change_set, "propose", question=[first])
    assert response.status_code == 400
    assert read_questions(response.content.decode()) == [second]
    assert "確かめた人：bureau" in words(response.content.decode())
    take_step(bureau_client, change_set, "propose", question=[second])
    assert state_of(change_set) == State.PROPOSED


def test_ticks_survive_a_new_title_and_a_title_that_is_refused(bureau_client: Client) -> None:
    change_set = open_odd_set(bureau_client)
    keys = read_questions(page_of(bureau_client, change_set))
    take_step(bureau_client, change_set, "rename", title="新しい題", question=keys)
    assert Confirmation.objects.get().key == keys[0]
    assert not read_questions(page_of(bureau_client, change_set))
    Confirmation.objects.all().delete()
    response = take_step(bureau_client, change_set, "propose", title="見えない\u200b字", question=keys)
    assert "見えない文字" in response.content.decode()
    assert Confirmation.objects.get().key == keys[0]


def test_unknown_keys_are_not_stored(bureau_client: Client) -> None:
    change_set = open_odd_set(bureau_client)
    take_step(bureau_client, change_set, "propose", question=["scale:x:1:2", "a\0b", "長" * 500])
    assert not Confirmation.objects.exists()
    assert state_of(change_set) == State.OPEN


def test_the_bureau_ticks_for_its_own_set_and_publishes_it(bureau_client: Client) -> None:
    change_set = open_odd_set(bureau_client)
    take_step(bureau_client, change_set, "propose", question=[])
    assert state_of(change_set) == State.OPEN
    take_step(bureau_client, change_set, "propose")
    take_step(bureau_client, change_set, "publish", question=[])
    assert state_of(change_set) == State.PUBLISHED


def record_proposed_set(amount: int = ODD) -> ChangeSet:
    """A set that was proposed before questions existed."""
    author = create_user("author", Role.EDITOR, "sogo-kikaku")
    with record_changes() as recorder:
        BudgetLine.objects.filter(pk=find_line("workation").pk).update(amount_thousand_yen=amount)
    return propose(replace_changes(create_set(author, "前の版の提案", "管理画面"), recorder.changes))


def test_a_set_proposed_before_the_upgrade_asks_when_it_is_published(bureau_client: Client) -> None:
    change_set = record_proposed_set()
    response = take_step(bureau_client, change_set, "publish", question=[])
    assert response.status_code == 400
    assert state_of(change_set) == State.PROPOSED
    take_step(bureau_client, change_set, "publish", question=read_questions(response.content.decode()))
    assert state_of(change_set) == State.PUBLISHED
    assert Confirmation.objects.get().user.username == "bureau"


def test_what_another_publication_makes_odd_is_asked_of_the_reviewer(
    editor_client: Client, bureau_client: Client
) -> None:
    line = find_line("workation")
    facts: dict[str, Any] = {"project": line.project, "fiscal_year": 2022, "department": line.department}

    def add(stage: str, amount: int) -> object:
        return BudgetLine.objects.create(stage=Stage.objects.get(code=stage), amount_thousand_yen=amount, **facts)

    with record_changes() as recorder:
        add("settlement", 900)
    author = create_user("author", Role.EDITOR, "sogo-kikaku")
    change_set = propose(replace_changes(create_set(author, "決算", "管理画面"), recorder.changes))
    assert not read_questions(page_of(bureau_client, change_set))
    publish_edits(lambda: add("initial", 800))
    assert "予算現額（800千円）を超えています" in page_of(bureau_client, change_set)
    assert take_step(bureau_client, change_set, "publish", question=[]).status_code == 400


def test_an_undone_set_asks_nothing(editor_client: Client, bureau_client: Client) -> None:
    change_set = open_odd_set(editor_client)
    take_step(editor_client, change_set, "propose")
    take_step(bureau_client, change_set, "publish")
    take_step(bureau_client, change_set, "undo")
    assert find_line("workation").amount_thousand_yen == 85_000
    reverse = ChangeSet.objects.get(undoes=change_set)
    html = page_of(bureau_client, reverse)
    assert "確かめること" not in html
    assert not reverse.confirmations.exists()
    assert SENTENCE in words(page_of(bureau_client, change_set))


def test_nobody_ticks_in_anothers_set(editor_client: Client, bureau_client: Client) -> None:
    change_set = open_odd_set(editor_client)
    keys = read_questions(page_of(editor_client, change_set))
    other = sign_in_as(create_user("other", Role.EDITOR, "sogo-kikaku"))
    data = {"step": "propose", "version": change_set.version, "question": keys}
    assert other.post(change_set.get_absolute_url(), data).status_code == 404
    Confirmation.objects.all().delete()
    proposed = record_proposed_set(ODD + 5)
    # a colleague of the department and the bureau read it; the bureau alone publishes it
    keys = read_questions(page_of(bureau_client, proposed))
    assert keys
    html = page_of(other, proposed)
    assert not read_questions(html)
    assert "まだ確かめていません。" in html
    for step in ("propose", "publish", "rename"):
        data = {"step": step, "version": proposed.version, "question": keys, "title": "題"}
        assert other.post(proposed.get_absolute_url(), data).status_code == 403
    assert bureau_client.post(proposed.get_absolute_url(), data | {"step": "propose"}).status_code == 403
    assert not Confirmation.objects.exists()


def test_questions_about_rows_of_others_are_not_shown(bureau_client: Client) -> None:
    edit(bureau_client, find_line("museum-exhibition"), amount_thousand_yen=1)
    change_set = open_odd_set(bureau_client)
    take_step(bureau_client, change_set, "propose")
    reader = sign_in_as(create_user("reader", Role.VIEWER, "sogo-kikaku"))
    html = page_of(reader, change_set)
    assert "ほかの部局の変更が1件あります" in html
    assert "確かめること" not in html


def test_a_discarded_set_asks_nothing(bureau_client: Client) -> None:
    change_set = open_odd_set(bureau_client)
    html = take_step(bureau_client, change_set, "discard").content.decode()
    assert "確かめること" not in html


def test_a_set_of_many_questions_asks_them_in_turn(bureau_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_set_views, "MAX_QUESTIONS_SHOWN", 2)
    for code in ("museum-exhibition", "ict-education-base"):
        edit(bureau_client, find_line(code), amount_thousand_yen=1)
    change_set = open_odd_set(bureau_client)
    html = page_of(bureau_client, change_set)
    assert len(read_questions(html)) == 2
    assert "確かめること（3件）" in words(html)
    assert "ほかに1件あります。上のものを確かめて進むと、続きが出ます。" in html
    html = take_step(bureau_client, change_set, "propose").content.decode()
    assert len(read_questions(html)) == 1
    take_step(bureau_client, change_set, "propose")
    assert state_of(change_set) == State.PROPOSED
