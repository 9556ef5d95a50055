"""Edits in the admin become proposals: nothing is public before it is published."""

from __future__ import annotations

import pytest
from django.test import Client

from budgets.models import BudgetLine
from catalog.models import Goal
from dxportal.changesets.models import ChangeSet, State
from dxportal.staff.models import Role
from projects.models import Project, ProjectPart
from tests.dxportal.changesets.edits import snapshot
from tests.dxportal.staff.staff_actions import (
    admin_address,
    create_user,
    edit,
    find_line,
    parse_form,
    sign_in_as,
    take_step,
)

pytestmark = pytest.mark.django_db


def test_an_edit_is_kept_beside_the_catalogue(bureau_client: Client, client: Client) -> None:
    before = snapshot()
    response = edit(bureau_client, find_line("workation"), amount_thousand_yen=85_001)
    assert response.status_code == 302
    assert snapshot() == before
    change = ChangeSet.objects.get().changes.get()
    assert change.fields == {"amount_thousand_yen": (find_line("workation").amount_thousand_yen, 85_001)}
    assert "85,001千円" not in client.get("/projects/workation/").content.decode()
    said = bureau_client.get(response.url).content.decode()
    assert "に記録しました（変更1件）" in said
    assert "変更しました" not in said


def test_forms_and_lists_show_the_catalogue_as_it_would_be(bureau_client: Client) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=85_001)
    assert 'value="85,001"' in bureau_client.get(admin_address(find_line("workation"))).content.decode()
    assert (
        "85,001"
        in bureau_client.get(admin_address(find_line("workation"), "changelist") + "?q=workation").content.decode()
    )
    other = sign_in_as(create_user("other", Role.BUREAU))
    assert 'value="85,001"' not in other.get(admin_address(find_line("workation"))).content.decode()


def test_further_edits_go_into_the_same_set_as_one_difference(bureau_client: Client) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1)
    edit(bureau_client, find_line("workation"), amount_thousand_yen=2)
    edit(bureau_client, Goal.objects.get(code="1-1-1"), text="改めた目標")
    change_set = ChangeSet.objects.get()
    assert {(change.model, tuple(change.fields)) for change in change_set.changes.all()} == {
        ("budgets.budgetline", ("amount_thousand_yen",)),
        ("catalog.goal", ("text",)),
    }


def test_an_edit_taken_back_leaves_an_empty_set(bureau_client: Client) -> None:
    amount = find_line("workation").amount_thousand_yen
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1)
    edit(bureau_client, find_line("workation"), amount_thousand_yen=amount)
    assert not ChangeSet.objects.get().changes.exists()


def test_saving_without_a_change_makes_no_set_and_says_so(bureau_client: Client) -> None:
    response = edit(bureau_client, find_line("workation"))
    assert response.status_code == 302
    assert not ChangeSet.objects.exists()
    said = bureau_client.get(response.url).content.decode()
    assert "変わったところがないので、何も記録していません。" in said
    assert "を変更しました" not in said


def test_a_set_is_called_by_what_is_in_it_until_somebody_names_it(bureau_client: Client) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1)
    change_set = ChangeSet.objects.get()
    assert change_set.title == "予算額1件の変更"
    edit(bureau_client, Goal.objects.get(code="1-1-1"), text="極秘の目標")
    change_set.refresh_from_db()
    assert change_set.title == "予算額1件、目標1件の変更"
    take_step(bureau_client, change_set, "rename", title=" 九月の補正 ")
    edit(bureau_client, Goal.objects.get(code="1-1-2"), text="改めた目標")
    change_set.refresh_from_db()
    assert change_set.title == "九月の補正"


def test_typing_is_kept_where_the_base_has_moved(bureau_client: Client) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1)
    form = parse_form(bureau_client.get(admin_address(find_line("workation"))).content.decode())
    other = sign_in_as(create_user("other", Role.BUREAU))
    edit(other, find_line("workation"), amount_thousand_yen=2)
    theirs = ChangeSet.objects.get(author__username="other")
    take_step(other, theirs, "propose")
    take_step(other, theirs, "publish")
    response = bureau_client.post(admin_address(find_line("workation")), form | {"editorial_note": "長い注"})
    html = response.content.decode()
    assert response.status_code == 409
    assert 'name="editorial_note" value="長い注"' in html
    assert "もう一度保存する" in html
    mine = ChangeSet.objects.get(author__username="bureau")
    take_step(
        bureau_client, mine, "resolve", choice="mine", row=str(find_line("workation").pk), field="amount_thousand_yen"
    )
    assert (
        bureau_client.post(admin_address(find_line("workation")), form | {"editorial_note": "長い注"}).status_code
        == 302
    )
    assert mine.changes.get().fields == {"amount_thousand_yen": (2, 1), "editorial_note": ("", "長い注")}


def test_a_part_of_another_project_is_refused_in_words(bureau_client: Client) -> None:
    part = ProjectPart.objects.exclude(project__code="workation").first()
    assert part is not None
    html = edit(bureau_client, find_line("workation"), part=str(part.pk)).content.decode()
    assert "ほかの事業のもの" in html
    assert not ChangeSet.objects.exists()


def test_a_project_with_several_parts_and_lines_is_saved(bureau_client: Client) -> None:
    project = Project.objects.get(code="yamaguchi-dx")
    assert project.parts.count() > 1
    assert edit(bureau_client, project, editorial_note="注").status_code == 302
    assert [(one.key, one.fields) for one in ChangeSet.objects.get().changes.all()] == [
        ("yamaguchi-dx", {"editorial_note": ("", "注")})
    ]


def test_the_same_amount_twice_is_told_at_its_row_and_the_input_kept(bureau_client: Client) -> None:
    project = Project.objects.get(code="workation")
    form = parse_form(bureau_client.get(admin_address(project)).content.decode())
    first = {name.removeprefix("budget_lines-0-"): value for name, value in form.items() if "budget_lines-0-" in name}
    wanted = {f"budget_lines-1-{name}": value for name, value in first.items() if name != "id"}
    response = bureau_client.post(admin_address(project), form | wanted | {"budget_lines-TOTAL_FORMS": "2"})
    assert response.status_code == 200
    html = response.content.decode()
    assert "同じ年度・予算区分・種別の額が、もうあります。" in html
    assert parse_form(html)["budget_lines-1-amount_thousand_yen"] == "85,000"


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [("budgets/", "budgets/?year=2021"), ("listings/", "listings/?year=2021"), ("budgets/?year=2021", "")],
)
def test_the_preview_stays_inside_itself(bureau_client: Client, address: str, leads_to: str) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1)
    here = f"{ChangeSet.objects.get().get_absolute_url()}preview/"
    response = bureau_client.get(here + address)
    assert response.headers.get("Location", "") == (here + leads_to if leads_to else "")


@pytest.mark.parametrize("address", ["budgets.xlsx?year=2021", "budgets.csv", "changes.json", "sitemap.xml"])
def test_no_file_of_what_is_not_published(bureau_client: Client, address: str) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=1)
    assert bureau_client.get(f"{ChangeSet.objects.get().get_absolute_url()}preview/{address}").status_code == 403


def test_a_form_with_an_error_keeps_the_input_and_makes_no_set(bureau_client: Client) -> None:
    response = edit(bureau_client, find_line("workation"), amount_thousand_yen="12.5")
    assert response.status_code == 200
    assert 'value="12.5"' in response.content.decode()
    assert not ChangeSet.objects.exists()


def test_a_new_row_has_its_page_before_it_is_public(bureau_client: Client, client: Client) -> None:
    department = Project.objects.get(code="workation").department_id
    form = {"code": "brand-new", "name": "新しい事業", "nature": "project", "department": department, "_continue": "1"}
    form |= {f"{inline}-{field}": 0 for inline in INLINES for field in ("TOTAL_FORMS", "INITIAL_FORMS")}
    response = bureau_client.post("/admin/projects/project/add/", form)
    assert response.status_code == 302, response.context["errors"]
    assert "新しい事業" in bureau_client.get(response.url).content.decode()
    assert client.get("/projects/brand-new/").status_code == 404
    assert not Project.objects.filter(code="brand-new").exists()


INLINES = ("parts", "appearances", "budget_lines", "change_reasons")


def test_a_deletion_is_proposed_too(bureau_client: Client) -> None:
    row = find_line("workation")
    assert bureau_client.post(admin_address(row, "delete"), {"post": "yes"}).status_code == 302
    assert BudgetLine.objects.filter(pk=row.pk).exists()
    assert ChangeSet.objects.get().changes.get().action == "delete"
    assert bureau_client.get(admin_address(row)).status_code == 302  # inside the set it is gone


def test_from_the_edit_to_the_public_and_back(client: Client) -> None:
    before = snapshot()
    editor = sign_in_as(create_user("editor", Role.EDITOR, "sogo-kikaku"))
    bureau_client = sign_in_as(create_user("bureau", Role.BUREAU))
    edit(editor, find_line("ict-education-base"), amount_thousand_yen=999)
    change_set = ChangeSet.objects.get()
    take_step(editor, change_set, "rename", title="ＩＣＴ教育基盤の額を改める")
    assert "提案しました" in take_step(editor, change_set, "propose").content.decode()
    page = bureau_client.get(change_set.get_absolute_url()).content.decode()
    assert "124,850千円" in page
    assert "総合企画部" in page
    assert "821,450千円" in page
    assert f"{821_450 - 124_850 + 999:,}千円" in page
    assert "公開しました" in take_step(bureau_client, change_set, "publish").content.decode()
    assert "999千円" in client.get("/projects/ict-education-base/").content.decode()
    assert "前の姿に戻しました" in take_step(bureau_client, change_set, "undo").content.decode()
    assert snapshot() == before
    change_set.refresh_from_db()
    assert change_set.state == State.UNDONE


def test_the_public_page_is_previewed_as_it_would_be(bureau_client: Client, client: Client) -> None:
    edit(bureau_client, find_line("workation"), amount_thousand_yen=85_001)
    change_set = ChangeSet.objects.get()
    here = f"{change_set.get_absolute_url()}preview/"
    html = bureau_client.get(f"{here}projects/workation/").content.decode()
    assert "85,001千円" in html
    assert "まだ公開されていません" in html
    assert f'href="{here}departments/' in html
    assert bureau_client.get(f"{here}budgets/?year=2021").status_code == 200
    assert bureau_client.get(f"{here}no-such-page/").status_code == 404
    assert client.get(f"{here}projects/workation/").status_code == 302  # to the login
