"""Every address of the desk, for every role, on rows of one's own department and of another's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver

from budgets.models import BudgetLine, ChangeReason
from catalog.models import Area, Department
from dxportal.changesets.models import ChangeSet
from dxportal.changesets.recording import record_changes
from dxportal.changesets.workflow import create_set, propose, replace_changes
from dxportal.staff.models import Role
from dxportal.staff.permissions import CHOICE_TABLES, EDITOR_ACTIONS, NotPermittedError, check_may_propose
from projects.models import Appearance, Project, ProjectPart
from tests.budgets.making import change_reason
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

PAGES = ("changelist", "add", "change", "delete", "history", "export")
# Addresses that belong to no table: who gets what there is tested by name below, or by Django.
SITE = {
    "",
    "login/",
    "logout/",
    "password_change/",
    "password_change/done/",
    "autocomplete/",
    "jsi18n/",
    "changes/",
    "changes/<int:number>/",
    "changes/<int:number>/preview/",
    "changes/<int:number>/preview/<path:address>",
    "sheets/",
    "sheets/sheet.xlsx",
    "sheets/sheet.csv",
    "sheets/new-year/",
    "sheets/uploads/<int:number>/",
    "sheets/uploads/<int:number>/marked.xlsx",
    "(?P<url>.*)$",
    "^(?P<app_label>…)/$",
}
OF_A_TABLE = {
    "",
    "add/",
    "export/",
    "<path:object_id>/",
    "<path:object_id>/change/",
    "<path:object_id>/delete/",
    "<path:object_id>/history/",
}
OF_USERS = {"<id>/password/"}


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + re.sub(r"\(\?P<app_label>[^)]*\)", "(?P<app_label>…)", str(pattern.pattern))
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from patterns(pattern, route)


def test_every_address_of_the_desk_is_known() -> None:
    desk = next(r for r in get_resolver().url_patterns if str(r.pattern) == "admin/" and isinstance(r, URLResolver))
    tables = {f"{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry}
    for route in patterns(desk):
        table = next((table for table in tables if route.startswith(table)), "")
        rest = route.removeprefix(table)
        assert rest in (OF_A_TABLE | OF_USERS if table else SITE), route


@pytest.fixture
def rows() -> dict[type, tuple[Any, Any]]:
    """Of each table that department editors have, a row of 教育庁 and one of 総合企画部."""
    found: dict[type, tuple[Any, Any]] = {}
    for model, path in ((Project, "department"), (Appearance, "department"), (BudgetLine, "department")):
        found[model] = tuple(
            model.objects.filter(**{f"{path}__code": code}).first() for code in ("kyoiku", "sogo-kikaku")
        )
    project = Project.objects.filter(department__code="kyoiku").first()
    own = ProjectPart.objects.create(project=project, code="own", name="内訳", position=0)
    found[ProjectPart] = own, ProjectPart.objects.filter(project__department__code="sogo-kikaku").first()
    found[ChangeReason] = change_reason(project.code), change_reason("workation")
    return found


def statuses(client: Client, row: Any) -> dict[str, int]:
    found = {}
    for page in PAGES:
        with suppress(NoReverseMatch):  # not every table can be exported
            found[page] = client.get(admin_address(row, page)).status_code
    return found


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_who_has_no_duty_gets_nothing(model: type) -> None:
    client = sign_in_as(create_user("nobody"))
    assert set(statuses(client, model(pk=1)).values()) <= {403, 302}
    assert b"/admin/budgets/" not in client.get("/admin/").content


@pytest.mark.parametrize("model", EDITOR_ACTIONS, ids=lambda model: model.__name__)
def test_an_editor_has_rows_of_the_own_department_and_no_others(model: type, rows: Any) -> None:
    client = sign_in_as(create_user("editor", Role.EDITOR, "kyoiku"))
    own, other = rows[model]
    actions = {str(action) for action in EDITOR_ACTIONS[model]}
    seen = statuses(client, own)
    assert seen["changelist"] == seen["change"] == seen["history"] == 200
    assert (seen["add"] == 200) == ("create" in actions)
    assert (seen["delete"] == 200) == ("delete" in actions)
    listed = client.get(admin_address(own, "changelist")).content.decode()
    assert str(own.pk) in listed
    assert str(other.pk) not in listed
    hidden = statuses(client, other)
    assert {hidden[page] for page in ("change", "delete", "history")} <= {302, 403}


@pytest.mark.parametrize("model", EDITOR_ACTIONS, ids=lambda model: model.__name__)
def test_a_viewer_looks_and_changes_nothing(model: type, rows: Any) -> None:
    client = sign_in_as(create_user("viewer", Role.VIEWER, "kyoiku"))
    own, _ = rows[model]
    seen = statuses(client, own)
    assert (seen["changelist"], seen["change"]) == (200, 200)
    assert {seen["add"], seen["delete"]} <= {302, 403}
    assert client.post(admin_address(own), {"_save": "1"}).status_code == 403
    assert 'name="_save"' not in client.get(admin_address(own)).content.decode()


def test_an_editor_sees_no_other_tables() -> None:
    client = sign_in_as(create_user("editor", Role.EDITOR, "kyoiku"))
    for model in admin.site._registry:
        status = client.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/").status_code
        assert (status == 200) == (model in EDITOR_ACTIONS or model in CHOICE_TABLES), model
    area = Area.objects.first()
    assert client.post(admin_address(area), {"name": "x"}).status_code in (302, 403)
    assert not ChangeSet.objects.exists()


class TestSideDoors:
    @pytest.fixture
    def editor(self) -> Client:
        return sign_in_as(create_user("editor", Role.EDITOR, "kyoiku"))

    def test_a_forged_id_is_not_found(self, editor: Client) -> None:
        other = find_line("workation")
        form = {"project": other.project_id, "fiscal_year": 2021, "amount_thousand_yen": 1, "kind": "expenditure"}
        assert editor.post(admin_address(other), form).status_code == 409  # as a row that is not there
        assert editor.post(admin_address(other, "delete"), {"post": "yes"}).status_code == 409
        assert not ChangeSet.objects.exists()

    def test_a_line_is_not_moved_into_another_department(self, editor: Client) -> None:
        own = BudgetLine.objects.filter(department__code="kyoiku").first()
        other = Department.objects.get(code="somu")
        response = edit(editor, own, department=other.pk)
        assert response.status_code in (200, 403)  # not offered, or refused
        assert not ChangeSet.objects.exists()

    def test_a_line_is_not_added_for_another_department(self, editor: Client) -> None:
        theirs = find_line("workation")
        form = {
            "project": theirs.project_id,
            "fiscal_year": 2022,
            "stage": theirs.stage_id,
            "kind": "expenditure",
            "amount_thousand_yen": 1,
            "department": theirs.department_id,
        }
        assert editor.post("/admin/budgets/budgetline/add/", form).status_code in (200, 403)
        assert not ChangeSet.objects.exists()

    def test_fields_that_are_shown_only_are_not_taken_from_the_form(self, editor: Client) -> None:
        project = Project.objects.filter(department__code="kyoiku").first()
        edit(editor, project, code="stolen", name="改めた名")
        assert ChangeSet.objects.get().changes.get().fields == {"name": (project.name, "改めた名")}
        appearance = Appearance.objects.filter(department__code="kyoiku").first()
        edit(editor, appearance, printed_name="x", is_repeat="on", note="x")
        assert ChangeSet.objects.get().changes.count() == 1

    @pytest.mark.parametrize("inline", [True, False])
    def test_a_new_part_gets_its_code_which_then_stays(self, editor: Client, inline: bool) -> None:
        project = Project.objects.filter(department__code="kyoiku", parts=None)[0]
        new = {"code": "first", "name": "新しい内訳", "position": "1"}
        if inline:
            sent = {f"parts-0-{name}": value for name, value in new.items()} | {"parts-TOTAL_FORMS": "1"}
            assert edit(editor, project, **sent).status_code == 302
        else:
            new["project"] = str(project.pk)
            assert editor.post("/admin/projects/projectpart/add/", new).status_code == 302
        change = ChangeSet.objects.get().changes.get()
        expected = {"project_id": str(project.pk), "code": "first", "name": "新しい内訳", "position": 1}
        assert change.after == expected
        # once it is there, its code is shown only, on both pages
        part = ProjectPart.objects.create(project=project, code="second", name="内訳", position=2)
        take_step(editor, ChangeSet.objects.get(), "discard")
        edit(editor, project, **{"parts-0-code": "stolen", "parts-0-name": "改めた内訳"})
        edit(editor, part, code="stolen", position="3")
        change = ChangeSet.objects.latest("pk").changes.get()
        assert change.fields == {"name": ("内訳", "改めた内訳"), "position": (2, 3)}

    def test_the_search_for_references_offers_no_other_departments(self, editor: Client) -> None:
        query = {"app_label": "budgets", "model_name": "budgetline", "term": ""}
        offered = editor.get("/admin/autocomplete/", query | {"field_name": "project"}).json()["results"]
        own = set(map(str, Project.objects.filter(department__code="kyoiku").values_list("pk", flat=True)))
        assert {row["id"] for row in offered} <= own
        assert offered
        departments = editor.get("/admin/autocomplete/", query | {"field_name": "department"}).json()["results"]
        assert [row["text"] for row in departments] == ["教育庁"]

    def test_an_editor_publishes_nothing_and_undoes_nothing(self, editor: Client) -> None:
        own = BudgetLine.objects.filter(department__code="kyoiku").first()
        amount = own.amount_thousand_yen
        edit(editor, own, amount_thousand_yen=1)
        change_set = ChangeSet.objects.get()
        take_step(editor, change_set, "propose")
        for step in ("publish", "reject", "undo"):
            assert take_step(editor, change_set, step, reason="x").status_code == 403
        own.refresh_from_db()
        assert own.amount_thousand_yen == amount

    def test_sets_of_other_departments_are_not_there(self, editor: Client) -> None:
        author = create_user("author", Role.EDITOR, "sogo-kikaku")
        with record_changes() as recorder:
            BudgetLine.objects.filter(department__code="sogo-kikaku").update(amount_thousand_yen=1)
        theirs = propose(replace_changes(create_set(author, "よその変更", "試験"), recorder.changes))
        assert editor.get(theirs.get_absolute_url()).status_code == 404
        assert editor.get(f"{theirs.get_absolute_url()}preview/projects/").status_code == 404
        assert editor.post(theirs.get_absolute_url(), {"step": "publish", "version": theirs.version}).status_code == 404
        assert "よその変更" not in editor.get("/admin/changes/").content.decode()
        viewer = sign_in_as(create_user("viewer", Role.VIEWER, "sogo-kikaku"))
        assert viewer.get(theirs.get_absolute_url()).status_code == 200

    def test_rights_are_asked_again_when_publishing(self, editor: Client) -> None:
        own = BudgetLine.objects.filter(department__code="kyoiku").first()
        edit(editor, own, amount_thousand_yen=1)
        change_set = ChangeSet.objects.get()
        take_step(editor, change_set, "propose")
        change_set.author.duties.all().delete()
        bureau = sign_in_as(create_user("bureau", Role.BUREAU))
        assert "変えられないものを含みます" in take_step(bureau, change_set, "publish").content.decode()
        own.refresh_from_db()
        assert own.amount_thousand_yen != 1

    def test_nobody_works_in_the_set_of_another(self, editor: Client) -> None:
        own = BudgetLine.objects.filter(department__code="kyoiku").first()
        edit(editor, own, amount_thousand_yen=1)
        bureau = sign_in_as(create_user("bureau", Role.BUREAU))
        assert take_step(bureau, ChangeSet.objects.get(), "enter").status_code == 404
        take_step(editor, ChangeSet.objects.get(), "propose")
        assert take_step(bureau, ChangeSet.objects.get(), "enter").status_code == 403

    def test_users_and_duties_are_for_administrators(self, editor: Client) -> None:
        bureau = sign_in_as(create_user("bureau", Role.BUREAU))
        for client in (editor, bureau):
            assert client.get("/admin/auth/user/").status_code == 403

    def test_a_page_in_a_pop_up_is_no_side_door(self, editor: Client) -> None:
        assert editor.get(f"{admin_address(find_line('workation'))}?_popup=1").status_code in (302, 403)
        assert editor.get("/admin/projects/project/add/?_popup=1").status_code == 403


def test_the_bureau_has_every_table_of_the_catalogue(rows: Any) -> None:
    client = sign_in_as(create_user("bureau", Role.BUREAU))
    for own, other in rows.values():
        for row in (own, other):
            seen = statuses(client, row)
            assert {seen[page] for page in PAGES if page in seen} == {200}
    assert parse_form(client.get(admin_address(Area.objects.first())).content.decode())["name"]


def test_a_line_of_another_departments_project_is_not_ones_own() -> None:
    editor = sign_in_as(create_user("editor", Role.EDITOR, "kyoiku"))
    foreign = Project.objects.get(code="workation")
    own = BudgetLine.objects.filter(department__code="kyoiku")[0]
    new = {"project": foreign.pk, "fiscal_year": 2022, "stage": own.stage_id, "kind": "expenditure"}
    response = editor.post(
        "/admin/budgets/budgetline/add/", new | {"amount_thousand_yen": 7, "department": own.department_id}
    )
    assert response.status_code == 200  # the form does not take what it does not offer
    assert edit(editor, own, project=str(foreign.pk)).status_code == 200
    assert not ChangeSet.objects.exists()
    # and by whatever door it came in, its own department would be asked
    with record_changes() as recorder:
        BudgetLine.objects.filter(pk=own.pk).update(project=foreign, fiscal_year=2022)
    with pytest.raises(NotPermittedError, match="ほかの部局のもの"):
        check_may_propose(User.objects.get(username="editor"), recorder.changes)
