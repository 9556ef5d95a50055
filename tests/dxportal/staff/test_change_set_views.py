"""The pages of change sets: what they tell, which steps they offer, how conflicts are settled."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budgets.models import BudgetLine, Stage
from catalog.models import Department
from dxportal.changesets.models import ChangeSet, State
from dxportal.changesets.recording import record_changes
from dxportal.changesets.workflow import create_set, propose, publish, replace_changes
from dxportal.staff.models import Role
from projects.models import Project
from tests.dxportal.changesets.change_sets import publish_edits
from tests.dxportal.staff.staff_actions import admin_address, create_user, edit, find_line, sign_in_as, take_step

pytestmark = pytest.mark.django_db


def published_elsewhere(amount: int) -> None:
    """Somebody else's amount for the line, published meanwhile."""
    author = create_user(f"other-{amount}", Role.BUREAU)
    with record_changes() as recorder:
        BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=amount)
    publish(propose(replace_changes(create_set(author, "よその公開", "試験"), recorder.changes)), author)


def test_a_base_that_has_moved_is_shown_with_both_sides(bureau_client: Client) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1, editorial_note="注")
    published_elsewhere(2)
    change_set = ChangeSet.objects.get(author__username="bureau")
    # the catalogue's pages lead to where the conflict is told
    response = bureau_client.get(admin_address(find_line("workation")))
    assert (response.status_code, response.url) == (302, change_set.get_absolute_url())
    html = bureau_client.get(response.url).content.decode()
    assert "ほかの公開と重なっているところ（1件）" in html
    row = re.sub(r"<[^>]+>|\s+", " ", html[html.index("ほかの公開と重なって") :])
    assert "予算額（千円） 85,000千円 1千円 2千円" in re.sub(r" +", " ", row)
    assert 'value="publish"' not in html


@pytest.mark.parametrize(("choice", "amount"), [("mine", 1), ("theirs", 2)])
def test_a_conflict_is_settled_field_by_field(bureau_client: Client, choice: str, amount: int) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1, editorial_note="注")
    published_elsewhere(2)
    change_set = ChangeSet.objects.get(author__username="bureau")
    take_step(
        bureau_client,
        change_set,
        "resolve",
        choice=choice,
        row=str(find_line("workation").pk),
        field="amount_thousand_yen",
    )
    take_step(bureau_client, change_set, "propose")
    assert "公開しました" in take_step(bureau_client, change_set, "publish").content.decode()
    assert find_line("workation").amount_thousand_yen == amount
    assert find_line("workation").editorial_note == "注"


def test_the_last_field_given_up_takes_the_row_out_of_the_set(bureau_client: Client) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1)
    published_elsewhere(2)
    change_set = ChangeSet.objects.get(author__username="bureau")
    take_step(
        bureau_client,
        change_set,
        "resolve",
        choice="theirs",
        row=str(find_line("workation").pk),
        field="amount_thousand_yen",
    )
    assert not change_set.changes.exists()
    assert bureau_client.get(admin_address(find_line("workation"))).status_code == 200


def test_a_proposed_set_that_conflicts_is_not_published_and_says_so(bureau_client: Client) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1)
    change_set = ChangeSet.objects.get()
    take_step(bureau_client, change_set, "propose")
    published_elsewhere(2)
    assert "ほかの公開と重なっています" in take_step(bureau_client, change_set, "publish").content.decode()
    assert find_line("workation").amount_thousand_yen == 2
    change_set.refresh_from_db()
    assert change_set.state == State.PROPOSED


def test_a_button_of_an_old_page_does_nothing(bureau_client: Client) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1)
    change_set = ChangeSet.objects.get()
    edit(bureau_client, find_line("workation"), amount_thousand_yen=2)
    response = bureau_client.post(
        change_set.get_absolute_url(), {"step": "propose", "version": change_set.version}, follow=True
    )
    assert "書き換えられています" in response.content.decode()
    change_set.refresh_from_db()
    assert change_set.state == State.OPEN


def test_a_set_is_sent_back_and_mended(bureau_client: Client) -> None:
    editor = sign_in_as(create_user("editor", Role.EDITOR, "sogo-kikaku"))
    edit(editor, find_line("ict-education-base"), amount_thousand_yen=1)
    change_set = ChangeSet.objects.get()
    take_step(editor, change_set, "propose")
    assert "理由を書いてください" in take_step(bureau_client, change_set, "reject", reason=" ").content.decode()
    take_step(bureau_client, change_set, "reject", reason="額を確かめてください")
    assert "額を確かめてください" in editor.get(change_set.get_absolute_url()).content.decode()
    assert "額を確かめてください" not in editor.get("/changes/").content.decode()
    take_step(editor, change_set, "enter")
    edit(editor, find_line("ict-education-base"), amount_thousand_yen=2)
    take_step(editor, change_set, "propose")
    take_step(bureau_client, change_set, "publish")
    assert find_line("ict-education-base").amount_thousand_yen == 2


def test_one_may_leave_a_set_begin_another_and_come_back(bureau_client: Client) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1)
    first = ChangeSet.objects.get()
    take_step(bureau_client, first, "leave")
    edit(bureau_client, find_line("sns-consultation"), amount_thousand_yen=2)
    assert ChangeSet.objects.count() == 2
    take_step(bureau_client, first, "enter")
    html = bureau_client.get(admin_address(find_line("workation"))).content.decode()
    assert 'value="1"' in html
    assert first.title in html


def test_a_step_or_a_set_that_is_not_there(bureau_client: Client) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1)
    change_set = ChangeSet.objects.get()
    assert take_step(bureau_client, change_set, "fly").status_code == 403
    assert bureau_client.get("/admin/changes/999999/").status_code == 404
    assert bureau_client.get("/admin/changes/99999999999999999999/").status_code == 404
    assert bureau_client.get("/admin/changes/?state=x&page=abc").status_code == 200


def test_pages_do_not_ask_more_for_more_changes(bureau_client: Client) -> None:
    def queries(rows: int) -> int:
        author = create_user(f"author-{rows}", Role.BUREAU)
        some = list(BudgetLine.objects.order_by("pk").values_list("pk", flat=True)[:rows])
        with record_changes() as recorder:
            BudgetLine.objects.filter(pk__in=some).update(amount_thousand_yen=rows)
        change_set = propose(replace_changes(create_set(author, "題", "試験"), recorder.changes))
        assert change_set.changes.count() == rows
        with CaptureQueriesContext(connection) as captured:
            assert bureau_client.get(change_set.get_absolute_url()).status_code == 200
        return len(captured)

    assert queries(2) == queries(20)


def proposed(name: str, *codes: str) -> ChangeSet:
    """A change set of the bureau that changes the first line of each of these departments."""
    lines = [BudgetLine.objects.filter(department__code=code).order_by("pk")[0].pk for code in codes]
    with record_changes() as recorder:
        BudgetLine.objects.filter(pk__in=lines).update(amount_thousand_yen=4_649)
    author = User.objects.filter(username="boss").first() or create_user("boss", Role.BUREAU)
    return propose(replace_changes(create_set(author, name, "試験"), recorder.changes))


@pytest.mark.parametrize("path", ["/admin/changes/", "/admin/"])
@pytest.mark.parametrize("role", [Role.BUREAU, Role.EDITOR, Role.VIEWER])
def test_lists_do_not_ask_more_for_more_sets(path: str, role: Role) -> None:
    client = sign_in_as(create_user("reader", role, *([] if role == Role.BUREAU else ["kyoiku"])))

    def queries(sets: int) -> int:
        for number in range(sets):
            proposed(f"教育の題{number}", "kyoiku", "norin-suisan")
        with CaptureQueriesContext(connection) as captured:
            assert "教育の題0" in client.get(path).content.decode()
        return len(captured)

    assert queries(1) == queries(4)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_others_read_of_a_set_what_concerns_their_departments(role: Role) -> None:
    both, theirs = proposed("二つの部局", "kyoiku", "norin-suisan"), proposed("よその部局", "norin-suisan")
    reader = sign_in_as(create_user("reader", role, "kyoiku"))
    listed = reader.get("/admin/changes/").content.decode()
    assert ("二つの部局" in listed, "よその部局" in listed) == (True, False)
    assert reader.get(theirs.get_absolute_url()).status_code == 404
    html = reader.get(both.get_absolute_url()).content.decode()
    assert "変更（1件）" in html
    assert "ほかの部局の変更が1件あります" in html
    assert "部局の予算額" not in html
    hidden = both.changes.concerning([Department.objects.get(code="norin-suisan").pk]).get()
    assert hidden.name not in html
    assert reader.get(f"{both.get_absolute_url()}preview/").status_code == 403
    for step in ("publish", "reject", "propose", "enter", "undo"):
        assert take_step(reader, both, step, reason="理由").status_code == 403
    assert ChangeSet.objects.get(pk=both.pk).state == State.PROPOSED


def test_what_others_have_not_proposed_is_theirs_alone(bureau_client: Client) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1)
    change_set = ChangeSet.objects.get()
    reader = sign_in_as(create_user("reader", Role.VIEWER, *Department.objects.values_list("code", flat=True)))
    another = sign_in_as(create_user("another", Role.BUREAU))
    assert {one.get(change_set.get_absolute_url()).status_code for one in (reader, another)} == {404}
    take_step(bureau_client, change_set, "propose")
    assert "予算額（千円）" not in (html := reader.get(change_set.get_absolute_url()).content.decode())
    assert "85,000千円" in html


def test_what_was_discarded_before_anybody_saw_it_stays_unseen(bureau_client: Client) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1)
    change_set = ChangeSet.objects.get()
    take_step(bureau_client, change_set, "discard")
    reader = sign_in_as(create_user("reader", Role.VIEWER, *Department.objects.values_list("code", flat=True)))
    assert reader.get(change_set.get_absolute_url()).status_code == 404
    assert bureau_client.get(change_set.get_absolute_url()).status_code == 200


def test_which_rule_stands_in_the_way_is_told(bureau_client: Client) -> None:
    workation = find_line("workation")
    separate = Stage.objects.get(code="initial")
    of_line = {"project_id": workation.project_id, "fiscal_year": 2025, "department_id": workation.department_id}
    with record_changes() as recorder:
        BudgetLine.objects.create(**of_line, stage=separate, amount_thousand_yen=1)
    change_set = replace_changes(create_set(User.objects.get(username="bureau"), "補正", "試験"), recorder.changes)
    BudgetLine.objects.create(**of_line, stage=workation.stage, amount_thousand_yen=2)
    html = bureau_client.get(change_set.get_absolute_url()).content.decode()
    assert "どちらも2025年度「当初」の額を含んでいて、二重に数えることになります。" in html


def test_every_department_is_shown_before_and_after(bureau_client: Client) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=85_001)
    html = bureau_client.get(ChangeSet.objects.get().get_absolute_url()).content.decode()
    after_initial = html.partition("令和３年度（2021年度）の部局の当初予算額</h2>")[2]
    rows = re.findall(r"<tr(.*?)</tr>", after_initial.partition("<h2")[0], re.DOTALL)
    assert "令和３年度（2021年度）の部局の現計予算額" in after_initial
    assert "決算額" not in html
    moving = [row for row in rows if 'class="moves"' in row]
    assert len([row for row in rows if "変わりません" in row]) > 8
    assert len(moving) == 2  # the department and all together
    assert all("+1千円" in row for row in moving)


def test_the_reviewer_sees_what_the_check_page_would_say(bureau_client: Client) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=85_001)
    html = bureau_client.get(ChangeSet.objects.get().get_absolute_url()).content.decode()
    assert "一致しないところは、公開すると0件から1件になります。" in html
    assert "資料に記載の額 85,000千円、集計額 85,001千円" in html


def test_a_supplement_after_print_is_nothing_for_the_check_page(bureau_client: Client) -> None:
    edit(bureau_client, find_line("workation"), stage=str(Stage.objects.get(code="june").pk))
    html = bureau_client.get(ChangeSet.objects.get().get_absolute_url()).content.decode()
    assert "一致しないところは、公開すると0件から1件になります。" in html, "the printed amount has lost its line"
    assert "当たる予算額がありません" in html


def test_a_row_is_left_out_and_a_set_discarded(bureau_client: Client) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1)
    edit(bureau_client, find_line("museum-exhibition"), amount_thousand_yen=2)
    change_set = ChangeSet.objects.get()
    take_step(bureau_client, change_set, "resolve", choice="theirs", row=str(find_line("workation").pk))
    assert change_set.changes.get().row == find_line("museum-exhibition").pk
    html = take_step(bureau_client, change_set, "discard").content.decode()
    assert "破棄しました" in html
    assert ChangeSet.objects.get().state == State.DISCARDED
    assert "この題で提案する" not in html
    # whoever goes on begins a new set
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1)
    assert ChangeSet.objects.count() == 2


def test_what_stands_in_the_way_is_not_proposed(bureau_client: Client) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1)
    published_elsewhere(2)
    change_set = ChangeSet.objects.get(author__username="bureau")
    assert "この題で提案する" not in bureau_client.get(change_set.get_absolute_url()).content.decode()
    assert "先に直してください" in take_step(bureau_client, change_set, "propose").content.decode()
    assert ChangeSet.objects.get(pk=change_set.pk).state == State.OPEN


def test_the_same_value_on_both_sides_leaves_nothing_to_propose(bureau_client: Client) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=2)
    published_elsewhere(2)
    change_set = ChangeSet.objects.get(author__username="bureau")
    take_step(
        bureau_client,
        change_set,
        "resolve",
        choice="mine",
        row=str(find_line("workation").pk),
        field="amount_thousand_yen",
    )
    assert not change_set.changes.exists()


def test_an_undoing_that_cannot_be_names_what_stands_in_the_way(bureau_client: Client) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1)
    change_set = ChangeSet.objects.get()
    take_step(bureau_client, change_set, "propose")
    take_step(bureau_client, change_set, "publish")
    published_elsewhere(2)
    html = take_step(bureau_client, change_set, "undo").content.decode()
    assert "あとから公開された「よその公開」が同じところを変えているので、取り消せません。" in html


def test_an_undoing_of_a_row_that_is_used_since_is_refused_in_words(bureau_client: Client) -> None:
    """PostgreSQL answers nothing more within a transaction after a refusal, the name of the later set neither."""
    somu = Department.objects.get(code="somu")
    publish_edits(lambda: Project.objects.create(code="later-used", name="別の事業", kana="べつ", department=somu))
    change_set = ChangeSet.objects.get()
    used = {"project": Project.objects.get(code="later-used"), "stage": Stage.objects.get(code="june")}
    publish_edits(lambda: BudgetLine.objects.create(**used, fiscal_year=2022, amount_thousand_yen=5, department=somu))
    html = take_step(bureau_client, change_set, "undo").content.decode()
    assert "あとから公開された変更がこれを使っているので、取り消せません。先にそれを取り消してください。" in html
    assert Project.objects.filter(code="later-used").exists()


def test_an_author_who_has_lost_the_duty_is_named(bureau_client: Client) -> None:
    author = create_user("editor", Role.EDITOR, "kyoiku")
    editor = sign_in_as(author)
    edit(editor, find_line("museum-exhibition"), amount_thousand_yen=1)
    change_set = ChangeSet.objects.get()
    take_step(editor, change_set, "propose")
    author.duties.all().delete()
    html = take_step(bureau_client, change_set, "publish").content.decode()
    assert "提案者（editor）の役割では、変えられないものを含みます。" in html
    assert ChangeSet.objects.get().state == State.PROPOSED


@pytest.mark.parametrize("title", ["九月\0", "九月\u200b", "九月\ue000"])
def test_a_title_with_a_character_that_nobody_sees_is_refused_with_its_place(bureau_client: Client, title: str) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1)
    html = take_step(bureau_client, ChangeSet.objects.get(), "rename", title=title).content.decode()
    assert "題の3文字目に、見えない文字" in html
    assert f'name="title" value="{title}"' in html
    assert ChangeSet.objects.get().title == "予算額1件の変更"


def test_a_reason_with_a_character_that_nobody_sees_is_refused_and_kept(bureau_client: Client) -> None:
    editor = sign_in_as(create_user("editor", Role.EDITOR, "kyoiku"))
    edit(editor, find_line("museum-exhibition"), amount_thousand_yen=1)
    change_set = ChangeSet.objects.get()
    take_step(editor, change_set, "propose")
    html = take_step(bureau_client, change_set, "reject", reason="一行目\r\n根拠\u200bがない").content.decode()
    assert "理由の7文字目に、見えない文字" in html
    assert "根拠\u200bがない</textarea>" in html
    take_step(bureau_client, change_set, "reject", reason="一行目\r\n根拠がない")
    assert ChangeSet.objects.get().reason == "一行目\n根拠がない"


@pytest.mark.parametrize("title", ["", " "])
def test_a_title_that_nobody_sees_is_none(bureau_client: Client, title: str) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1)
    assert (
        "題を書いてください。"
        in take_step(bureau_client, ChangeSet.objects.get(), "rename", title=title).content.decode()
    )
