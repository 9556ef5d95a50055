"""Administrators give duties; the last of them stays, whatever door is tried."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory

from catalog.models import Department
from dxportal.staff.models import Duty, Role
from dxportal.staff.users import StaffAdmin
from tests.dxportal.staff.staff_actions import admin_address, parse_form, sign_in_as

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fast_passwords")]

ADD = "/admin/auth/user/add/"
PASSWORD = "sakura-no-hana-42"  # noqa: S105
NEW = {
    "username": "hanako",
    "last_name": "山口",
    "first_name": "花子",
    "email": "hanako@pref.example",
    "password1": PASSWORD,
    "password2": PASSWORD,
}
SENTENCE = "この利用者は、ただ一人の管理者です。"


@pytest.fixture
def first() -> User:
    return User.objects.create_superuser("first", "first@pref.example", PASSWORD)


@pytest.fixture
def client(first: User) -> Client:
    return sign_in_as(first)


def add(client: Client, **more: str) -> Any:
    shown = parse_form(client.get(ADD).content.decode())
    return client.post(ADD, shown | NEW | more, follow=True)


def duty(role: str, department: str = "") -> dict[str, str]:
    pk = str(Department.objects.get(code=department).pk) if department else ""
    return {"duties-0-role": role, "duties-0-department": pk}


def test_a_user_is_added_with_a_duty_in_one_form_and_signs_in(client: Client) -> None:
    assert add(client, **duty(Role.EDITOR, "kyoiku")).status_code == 200
    user = User.objects.get(username="hanako")
    assert (str(user.duties.get()), user.email) == (f"{Role.EDITOR.label} 教育庁", "hanako@pref.example")
    browser = Client()
    sent = {"username": "hanako", "password": PASSWORD, "next": "/admin/"}
    assert browser.post("/admin/login/", sent, follow=True).redirect_chain == [("/admin/", 302)]
    assert "山口 花子 さん" in browser.get("/admin/").content.decode()


def test_a_new_user_needs_a_duty_and_a_mail_address_or_is_an_administrator(client: Client) -> None:
    html = add(client).content.decode()
    assert "役割を一つ選んでください。役割のない利用者は、ログインできません。" in html
    assert 'value="hanako"' in html
    assert not User.objects.filter(username="hanako").exists()
    add(client, email="", **duty(Role.BUREAU))
    assert not User.objects.filter(username="hanako").exists()
    add(client, is_superuser="on")
    assert User.objects.get(username="hanako").is_superuser


def test_what_does_not_fit_a_role_is_told_in_japanese(client: Client) -> None:
    html = add(client, **duty(Role.EDITOR)).content.decode()
    assert "部局編集者・部局閲覧者には部局を選び、デジタル推進部門には選ばないでください。" in html


def test_the_forms_ask_for_nothing_without_effect_and_in_japanese(client: Client, first: User) -> None:
    for page in (ADD, admin_address(first)):
        html = client.get(page).content.decode()
        names = {name.split("-")[-1] for name in parse_form(html)}
        assert not names & {"groups", "user_permissions", "is_staff", "usable_password", "date_joined_0"}
        assert {"username", "last_name", "first_name", "email", "is_superuser", "role", "department"} <= names | {
            "is_superuser"
        }
        form = re.sub(r"<[^>]+>", " ", html[html.index('id="content-main"') :])
        # codes and names of users and documents aside, nothing is in English
        assert not re.search(r"\b(Can|Permissions?|Groups?|Staff|Superuser|Designates)\b", form)
    html = client.get(f"/admin/auth/user/{first.pk}/password/").content.decode()
    assert 'name="password1"' in html
    assert 'name="usable_password"' not in html
    assert 'name="unset-password"' not in html
    assert Group not in admin.site._registry


def test_who_loses_the_last_duty_is_named(client: Client) -> None:
    add(client, **duty(Role.VIEWER, "kyoiku"))
    user = User.objects.get(username="hanako")
    fields = parse_form(client.get(admin_address(user)).content.decode())
    html = client.post(admin_address(user), fields | {"duties-0-DELETE": "on"}, follow=True).content.decode()
    assert not Duty.objects.exists()
    assert "「hanako」にはまだ役割がないので、ログインできません。" in html


@pytest.mark.parametrize("unticked", ["is_active", "is_superuser"])
def test_the_last_administrator_stays_one(client: Client, first: User, unticked: str) -> None:
    User.objects.create_superuser("idle", is_active=False)
    fields = parse_form(client.get(admin_address(first)).content.decode())
    assert fields.pop(unticked) == "on"
    html = client.post(admin_address(first), fields | {"last_name": "直した"}, follow=True).content.decode()
    assert SENTENCE in html
    assert "直した" in html
    User.objects.filter(username="idle").update(is_active=True)
    client.post(admin_address(first), fields)
    first.refresh_from_db()
    assert not getattr(first, unticked)


def test_the_last_administrator_is_not_deleted(client: Client, first: User) -> None:
    for response in (
        client.get(admin_address(first, "delete"), follow=True),
        client.post(admin_address(first, "delete"), {"post": "yes"}, follow=True),
    ):
        assert SENTENCE in response.content.decode()
    sent = {"action": "delete_selected", "_selected_action": str(first.pk), "post": "yes"}
    client.post("/admin/auth/user/", sent)
    assert User.objects.filter(pk=first.pk, is_active=True, is_superuser=True).exists()
    with pytest.raises(PermissionDenied):  # whoever else was one has gone since the page was opened
        StaffAdmin(User, admin.site).delete_model(RequestFactory().post("/"), first)
    other = User.objects.create_superuser("other")
    client.post(admin_address(other, "delete"), {"post": "yes"})
    assert not User.objects.filter(pk=other.pk).exists()


def test_a_password_is_changed_and_never_taken_away(client: Client, first: User) -> None:
    page = f"/admin/auth/user/{first.pk}/password/"
    client.post(page, {"usable_password": "false", "unset-password": "1"})
    first.refresh_from_db()
    assert first.has_usable_password()
    assert client.post(page, {"password1": "momiji-no-ha-77", "password2": "momiji-no-ha-77"}).status_code == 302
    first.refresh_from_db()
    assert first.check_password("momiji-no-ha-77")
