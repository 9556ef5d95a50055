"""Every table of the desk × every page × every role × rows of the own and of another department: looked at, and sent.

What a role gets is told here as a table, so that a table or a page that nobody thought of fails.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client

from budgets.models import BudgetLine, ChangeReason, Stage
from catalog.models import Department, SourceDocument
from dxportal.changesets.models import ChangeSet
from dxportal.staff.models import Role
from dxportal.tracked_tables import CATALOGUE
from projects.models import Appearance, Project, ProjectPart
from tests.budgets.making import change_reason
from tests.dxportal.staff.staff_actions import admin_address, create_user, parse_form, sign_in_as

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

OWN, OTHER = "kyoiku", "sogo-kikaku"
PATHS: dict[type[Model], str] = {
    Project: "department__code",
    ProjectPart: "project__department__code",
    Appearance: "department__code",
    BudgetLine: "department__code",
    ChangeReason: "project__department__code",
    Department: "code",
}
FOR_ADMINISTRATORS = {User}
# Of department editors and viewers: what of a row of the own department is there; the rest of the desk is not.
EDITED: dict[type[Model], set[str]] = {
    Project: {"changelist", "change", "history"},
    ProjectPart: {"changelist", "change", "history", "add", "delete"},
    Appearance: {"changelist", "change", "history"},
    BudgetLine: {"changelist", "change", "history", "add", "delete", "export"},
    ChangeReason: {"changelist", "change", "history", "add", "delete"},
}
SEEN = {"changelist", "change", "history"}
CHOSEN_FROM = {Department, Stage, SourceDocument}
ROLES = ("administrator", "bureau", "editor", "viewer", "nobody")


def client_of(role: str) -> Client:
    if role == "administrator":
        return sign_in_as(User.objects.create_superuser("administrator"))
    duty = {"bureau": Role.BUREAU, "editor": Role.EDITOR, "viewer": Role.VIEWER}.get(role, "")
    return sign_in_as(create_user(role, duty, *([OWN] if role in ("editor", "viewer") else [])))


def pages_of(model: type[Model]) -> list[str]:
    exported = [] if model is not BudgetLine else ["export"]
    return ["changelist", "add", "change", "delete", "history", *exported]


def row_of(model: type[Model], department: str) -> Any:
    rows = model._default_manager.order_by("pk")
    if model is ProjectPart:
        project = Project.objects.filter(department__code=department)[0]
        return ProjectPart.objects.create(project=project, code="t", name="内訳", position=0)
    if model is ChangeReason:
        return change_reason(Project.objects.filter(department__code=department)[0].code)
    if model in PATHS:
        rows = rows.filter(**{PATHS[model]: department})
    # not the administrator who is signed in: the last one has no page to be deleted on
    return User.objects.create_user(f"user-of-{department}") if model is User else rows.first()


def expected(role: str, model: type[Model], page: str, department: str) -> bool:
    if role == "administrator":
        return True
    if role == "nobody" or model in FOR_ADMINISTRATORS:
        return False
    if role == "bureau":
        return True
    is_there = department == OWN or model not in PATHS or page in ("changelist", "add", "export")
    if model in CHOSEN_FROM:
        return page in SEEN and is_there
    pages = EDITED.get(model, set())
    if role == "viewer":
        pages = pages & (SEEN | {"export"})
    return page in pages and is_there


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_a_role_gets_what_is_its_own(model: type[Model], role: str) -> None:
    client = client_of(role)
    rows = {department: row_of(model, department) for department in (OWN, OTHER)}
    # A page of the table, and a row that belongs to no department, are the same for both: asked for once.
    asked = {
        admin_address(row, page) + query: (page, department)
        for department, row in rows.items()
        for page in pages_of(model)
        for query in (("", "?_popup=1") if page in ("add", "change") else ("",))
    }
    for path, (page, department) in asked.items():
        status = client.get(path).status_code
        got = (role, model.__name__, path, department, status)
        assert (status == 200) == expected(role, model, page, department), got
        assert status in (200, 302, 403), got


@pytest.mark.parametrize("role", ["editor", "viewer"])
@pytest.mark.parametrize("model", CATALOGUE, ids=lambda model: model.__name__)
def test_what_is_not_offered_is_not_taken(model: type[Model], role: str) -> None:
    """The form that the bureau would send, sent by somebody else: nothing of another department is recorded."""
    bureau, client = client_of("bureau"), client_of(role)
    row = row_of(model, OTHER)
    form = parse_form(bureau.get(admin_address(row)).content.decode())
    forged = {name: typed(name, value) for name, value in form.items()}
    listed = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": str(row.pk), "_save": "1"}
    for page, sent in (
        ("change", forged | {"_save": "1"}),
        ("change", forged | {"_saveasnew": "1"}),
        ("add", forged | {"_popup": "1"}),
        ("delete", {"post": "yes"}),
        ("changelist", {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}),
        ("changelist", forged | listed),
    ):
        status = client.post(admin_address(row, page), sent).status_code
        assert status in (200, 302, 403, 409), (page, status)
    assert not ChangeSet.objects.filter(author__username=role).exists()


def typed(name: str, value: str) -> str:
    """Something else where a text or a number stands, hidden first values and identities left as they are."""
    if name.startswith(("initial-", "csrf")) or name.endswith(("_FORMS", "-id")):
        return value
    return "7" if value.replace(",", "").isdigit() else value


@pytest.mark.parametrize("role", ROLES)
def test_the_search_for_references_answers_who_may_see_the_table(role: str) -> None:
    client = client_of(role)
    asked = [
        (model, field)
        for model in CATALOGUE
        for field in model._meta.concrete_fields
        if field.many_to_one and field.related_model in CATALOGUE
    ]
    assert len(asked) > 20
    for model, field in asked:
        query = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field.name}
        response = client.get("/admin/autocomplete/", query | {"term": ""})
        related: Any = field.related_model
        is_there = role in ("administrator", "bureau") or (
            role != "nobody" and (related in EDITED or related in CHOSEN_FROM)
        )
        assert (response.status_code == 200) == is_there, (role, model, field.name)
        if is_there and role in ("editor", "viewer") and related in PATHS:
            found = related.objects.filter(pk__in=[one["id"] for one in response.json()["results"]])
            assert not found.exclude(**{PATHS[related]: OWN}).exists()


@pytest.mark.parametrize("role", ROLES)
def test_pages_of_the_desk_that_belong_to_no_table(role: str) -> None:
    client = client_of(role)
    own = ("", "changes/", "password_change/", "password_change/done/", "jsi18n/")
    if role == "nobody":
        others = ("changes/1/", "changes/1/preview/", "budgets/", "auth/")
        addresses = {client.get(f"/admin/{path}").headers["Location"].partition("?")[0] for path in own + others}
        assert addresses == {"/admin/login/"}
        return
    assert {client.get(f"/admin/{path}").status_code for path in own} == {200}
    assert client.get("/admin/changes/1/").status_code == 404
    assert client.get("/admin/changes/1/preview/").status_code == 404
    assert client.get("/admin/changes/1/preview/projects/").status_code == 404
    for app, is_there in (("budgets", True), ("auth", role == "administrator"), ("desk", False)):
        assert (client.get(f"/admin/{app}/").status_code == 200) == is_there, app
