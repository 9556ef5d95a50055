"""A form that has been open while others published: nothing of theirs is reverted, nothing typed is lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from budgets.models import BudgetLine
from catalog.models import Department
from dxportal.changesets.models import ChangeSet
from dxportal.staff.models import Role
from projects.models import Project, ProjectPart
from tests.dxportal.staff.staff_actions import admin_address, create_user, find_line, parse_form, sign_in_as

pytestmark = pytest.mark.django_db


def opened(client: Client, row: Any) -> dict[str, str]:
    return parse_form(client.get(admin_address(row)).content.decode())


def saved(client: Client, row: Any, form: dict[str, str], **typed: Any) -> HttpResponse:
    return client.post(admin_address(row), form | {name: str(value) for name, value in typed.items()} | {"_save": "1"})


def test_a_field_that_was_not_touched_keeps_what_others_published(bureau_client: Client) -> None:
    form = opened(bureau_client, find_line("workation"))
    BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=7)
    assert saved(bureau_client, find_line("workation"), form, editorial_note="注").status_code == 302
    assert ChangeSet.objects.get().changes.get().fields == {"editorial_note": ("", "注")}


def test_a_field_that_both_changed_is_told_and_the_input_kept(bureau_client: Client) -> None:
    form = opened(bureau_client, find_line("workation"))
    BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=7_000)
    response = saved(bureau_client, find_line("workation"), form, amount_thousand_yen=8)
    assert response.status_code == 200
    html = response.content.decode()
    assert "ほかの人が「7,000」に変えました。" in html
    assert parse_form(html)["amount_thousand_yen"] == "8"
    assert not ChangeSet.objects.exists()
    # knowing that, the same input is meant
    assert saved(bureau_client, find_line("workation"), parse_form(html)).status_code == 302
    assert ChangeSet.objects.get().changes.get().fields == {"amount_thousand_yen": (7_000, 8)}


@pytest.mark.parametrize("typed", ["１，２３４千円", "1,234", " 1234 "])
def test_amounts_are_shown_and_typed_as_people_write_them(bureau_client: Client, typed: str) -> None:
    form = opened(bureau_client, find_line("workation"))
    assert form["amount_thousand_yen"] == form["initial-amount_thousand_yen"] == "85,000"
    assert saved(bureau_client, find_line("workation"), form, amount_thousand_yen=typed).status_code == 302
    assert ChangeSet.objects.get().changes.get().fields == {"amount_thousand_yen": (85_000, 1_234)}


def test_the_same_change_by_both_is_no_quarrel(bureau_client: Client) -> None:
    form = opened(bureau_client, find_line("workation"))
    BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=7)
    assert saved(bureau_client, find_line("workation"), form, amount_thousand_yen=7).status_code == 302
    assert not ChangeSet.objects.exists()


def test_references_and_choices_are_told_by_name(bureau_client: Client) -> None:
    project = Project.objects.get(code="workation")
    form = opened(bureau_client, project)
    other, mine = Department.objects.exclude(pk=project.department_id)[:2]
    Project.objects.filter(pk=project.pk).update(department=other, nature="activity")
    html = saved(bureau_client, project, form, department=mine.pk, nature="heading").content.decode()
    assert f"ほかの人が「{other.name}」に変えました。" in html
    assert "ほかの人が「活動」に変えました。" in html


class TestARowOfThePageThatHasGone:
    """Deleted by others, or there only inside the set that was left in another tab."""

    def test_what_was_typed_into_it_stays_as_a_new_row(self, bureau_client: Client) -> None:
        project = Project.objects.get(code="workation")
        form = opened(bureau_client, project)
        BudgetLine.objects.filter(project=project).delete()
        typed = {"budget_lines-0-amount_thousand_yen": 8, "editorial_note": "注"}
        response = saved(bureau_client, project, form, **typed)
        assert response.status_code == 200
        html = response.content.decode()
        assert "この表の1行は、開いているあいだになくなりました。入力は新しい行として残してあります。" in html
        assert not ChangeSet.objects.exists()
        again = parse_form(html)
        assert (again["budget_lines-INITIAL_FORMS"], again["budget_lines-TOTAL_FORMS"]) == ("0", "1")
        assert saved(bureau_client, project, again).status_code == 302
        changes = {one.action: one for one in ChangeSet.objects.get().changes.all()}
        assert changes["update"].fields == {"editorial_note": ("", "注")}
        assert changes["create"].after["amount_thousand_yen"] == 8

    def test_its_code_is_kept_where_the_editor_could_not_change_it(self) -> None:
        editor = sign_in_as(create_user("editor", Role.EDITOR, "kyoiku"))
        project = Project.objects.filter(department__code="kyoiku", parts=None)[0]
        part = ProjectPart.objects.create(project=project, code="hall", name="展示室", position=1)
        form = opened(editor, project)
        assert form["parts-0-code"] == "hall"
        ProjectPart.objects.filter(pk=part.pk).delete()
        html = saved(editor, project, form, **{"parts-0-name": "展示室（改）"}).content.decode()
        assert saved(editor, project, parse_form(html)).status_code == 302
        after = ChangeSet.objects.get().changes.get().after
        assert after == {"project_id": str(project.pk), "code": "hall", "name": "展示室（改）", "position": 1}

    def test_a_row_that_nobody_touched_stays_gone(self, bureau_client: Client) -> None:
        project = Project.objects.get(code="workation")
        form = opened(bureau_client, project)
        BudgetLine.objects.filter(project=project).delete()
        assert saved(bureau_client, project, form, editorial_note="注").status_code == 302
        assert ChangeSet.objects.get().changes.get().fields == {"editorial_note": ("", "注")}

    def test_the_rows_that_are_left_keep_their_own_input(self, bureau_client: Client) -> None:
        project = Project.objects.get(code="yamaguchi-dx")
        first, second = ProjectPart.objects.filter(project=project)[:2]
        form = opened(bureau_client, project)
        unused = ProjectPart.objects.create(project=project, code="z", name="末", position=0)
        form = opened(bureau_client, project)
        ProjectPart.objects.filter(pk=unused.pk).delete()
        names = {value: key for key, value in form.items() if re.fullmatch(r"parts-\d+-id", key)}
        typed = {names[str(second.pk)].replace("-id", "-name"): "改めた名"}
        assert saved(bureau_client, project, form, **typed).status_code == 302
        change = ChangeSet.objects.get().changes.get()
        assert (change.row, change.fields) == (second.pk, {"name": (second.name, "改めた名")})
        assert first.name != "改めた名"

    def test_an_appearance_cannot_be_made_new_so_it_is_left_out(self, bureau_client: Client) -> None:
        project = Project.objects.filter(appearances__named_parts=None, appearances__isnull=False)[0]
        form = opened(bureau_client, project)
        project.appearances.all().delete()
        response = saved(bureau_client, project, form, **{"appearances-0-printed_name": "改", "editorial_note": "注"})
        html = response.content.decode()
        assert "なくなったので、外しました。もう一度保存してください。" in html
        assert saved(bureau_client, project, parse_form(html)).status_code == 302
        assert ChangeSet.objects.get().changes.get().fields == {"editorial_note": ("", "注")}

    @pytest.mark.parametrize("identity", ["", "nonsense", "another"])
    def test_a_forged_identity_writes_to_no_row(self, bureau_client: Client, identity: str) -> None:
        project = Project.objects.get(code="workation")
        other = find_line("museum-exhibition")
        form = opened(bureau_client, project) | {
            "budget_lines-0-id": str(other.pk) if identity == "another" else identity
        }
        assert saved(bureau_client, project, form, **{"budget_lines-0-amount_thousand_yen": 8}).status_code == 200
        assert not ChangeSet.objects.exists()


def test_a_row_that_has_gone_is_told_and_what_was_typed_shown(bureau_client: Client) -> None:
    row = find_line("workation")
    form = opened(bureau_client, row)
    BudgetLine.objects.filter(pk=row.pk).delete()
    response = saved(bureau_client, row, form, editorial_note="長い注")
    html = response.content.decode()
    assert response.status_code == 409
    assert "この行は、今の画面にはありません。" in html
    assert "<dd>長い注</dd>" in html
    assert bureau_client.post(admin_address(row, "delete"), {"post": "yes"}).status_code == 409
    assert not ChangeSet.objects.exists()


def test_an_untouched_form_of_long_ago_changes_nothing(bureau_client: Client) -> None:
    project = Project.objects.get(code="workation")
    form = opened(bureau_client, project)
    Project.objects.filter(pk=project.pk).update(name="ほかの名", nature="activity")
    assert saved(bureau_client, project, form).status_code == 302
    assert not ChangeSet.objects.exists()


HIDDEN = ["\u200b", "\u202e", "\xad", "\x00", "\x1b", "\ue000", "\uffff"]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_character_that_nobody_sees_is_refused_with_its_place_and_the_input_kept(
    bureau_client: Client, hidden: str
) -> None:
    form = opened(bureau_client, find_line("workation"))
    response = saved(bureau_client, find_line("workation"), form, editorial_note=f"注{hidden}記")
    html = response.content.decode()
    assert "2文字目に、見えない文字か" in html
    assert f"（U+{ord(hidden):04X}）" in html
    assert "</textarea>" in html
    assert not ChangeSet.objects.exists()


def test_a_variation_selector_after_a_kanji_is_kept(bureau_client: Client) -> None:
    form = opened(bureau_client, find_line("workation"))
    assert saved(bureau_client, find_line("workation"), form, editorial_note="葛\U000e0100城").status_code == 302
    assert ChangeSet.objects.get().changes.get().fields == {"editorial_note": ("", "葛\U000e0100城")}


def test_a_text_is_stored_with_line_feeds_and_composed_and_is_then_untouched(bureau_client: Client) -> None:
    row = find_line("workation")
    form = opened(bureau_client, row)
    assert saved(bureau_client, row, form, editorial_note="一行目\r\n二行目\r三 ﾎﾟｽﾄ か\u3099").status_code == 302
    assert ChangeSet.objects.get().changes.get().after == {"editorial_note": "一行目\n二行目\n三 ポスト が"}
    BudgetLine.objects.filter(pk=row.pk).update(editorial_note="前から\r\nある")
    form = opened(sign_in_as(create_user("other", Role.BUREAU)), row)
    other = sign_in_as(create_user("third", Role.BUREAU))
    assert saved(other, row, form, editorial_note="前から\r\nある文").status_code == 302


@pytest.mark.parametrize(("typed", "year"), [("令和４年度", 2022), ("２０２２", 2022), ("R4", 2022)])
def test_a_year_is_typed_as_people_write_it(bureau_client: Client, typed: str, year: int) -> None:
    form = opened(bureau_client, find_line("workation"))
    assert saved(bureau_client, find_line("workation"), form, fiscal_year=typed).status_code == 302
    assert ChangeSet.objects.get().changes.get().after == {"fiscal_year": year}


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        *(("amount_thousand_yen", typed) for typed in ("1,23", "45586①", "500 1", "٣", "1_000")),
        *(("fiscal_year", typed) for typed in ("R³", "٢٠٢١", "2021.0", "令和３年度（2020年度）")),
        *(("page", typed) for typed in ("1_0", "٣", "12.0", "1①")),
    ],
)
def test_what_would_be_a_guess_is_refused_and_the_input_kept(bureau_client: Client, name: str, typed: str) -> None:
    response = saved(
        bureau_client, find_line("workation"), opened(bureau_client, find_line("workation")), **{name: typed}
    )
    assert response.status_code == 200
    assert parse_form(response.content.decode())[name] == typed
    assert not ChangeSet.objects.exists()


def test_a_character_that_cp932_lacks_is_told_once_saved(bureau_client: Client) -> None:
    def messages(**typed: str) -> str:
        saved(bureau_client, find_line("workation"), opened(bureau_client, find_line("workation")), **typed)
        return bureau_client.get("/admin/").content.decode()

    assert "「⺬」（U+2EAC）は〓になります" in messages(editorial_note="⺬を含む")
    assert "CP932" not in messages(amount_thousand_yen="7")
