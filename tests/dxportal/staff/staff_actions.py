"""Users of the staff site, the forms they fill in, and the steps they take."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from budgets.models import BudgetLine
from catalog.models import Department
from dxportal.changesets.models import ChangeSet
from dxportal.staff.models import Duty, Role


def create_user(name: str, role: str = "", *departments: str) -> User:
    user = User.objects.create_user(name)
    for code in departments:
        Duty.objects.create(user=user, role=role, department=Department.objects.get(code=code))
    if role == Role.BUREAU:
        Duty.objects.create(user=user, role=role)
    return user


def sign_in_as(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def admin_address(row: Any, page: str = "change") -> str:
    args = [row.pk] if page in ("change", "delete", "history") else []
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=args)


def parse_form(html: str) -> dict[str, str]:
    """Return the fields that a browser would send of a change page, hidden fields and inlines included."""
    form = html[html.index('id="content-main"') :]
    found = {}
    for tag in re.findall(r"<input\b[^>]*>", form):
        values = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if values.get("type") in ("checkbox", "radio") and " checked" not in tag:
            continue
        if "name" in values and values.get("type") not in ("submit", "button", "file", "search"):
            found[values["name"]] = unescape(values.get("value", "on" if values.get("type") == "checkbox" else ""))
    for attributes, text in re.findall(r"<textarea\b([^>]*)>(.*?)</textarea>", form, re.DOTALL):
        found[dict(re.findall(r'(\w+)="([^"]*)"', attributes))["name"]] = unescape(text.removeprefix("\n"))
    for attributes, options in re.findall(r"<select\b([^>]*)>(.*?)</select>", form, re.DOTALL):
        name = dict(re.findall(r'(\w+)="([^"]*)"', attributes)).get("name")
        chosen = [
            value for value, rest in re.findall(r'<option value="([^"]*)"([^>]*)>', options) if "selected" in rest
        ]
        if name:
            found[name] = unescape(chosen[0]) if chosen else ""
    return found


def edit(client: Client, row: Any, **changes: Any) -> Any:
    """Open the change page of a row, change some fields, and save."""
    shown = client.get(admin_address(row))
    assert shown.status_code == 200, shown.status_code
    return client.post(admin_address(row), parse_form(shown.content.decode()) | changes | {"_save": "保存"})


def find_line(project: str, **lookup: Any) -> BudgetLine:
    return BudgetLine.objects.get(project__code=project, **lookup)


def read_questions(html: str) -> list[str]:
    """Return the keys of the questions that a page asks, each with a checkbox."""
    return [unescape(key) for key in re.findall(r'name="question" value="([^"]*)"', html)]


def take_step(client: Client, change_set: ChangeSet, step: str, **data: Any) -> Any:
    """Press a button on the change set's page, with all questions ticked unless the data say which."""
    change_set.refresh_from_db()
    if step in ("propose", "publish"):
        data.setdefault("question", read_questions(client.get(change_set.get_absolute_url()).content.decode()))
    return client.post(
        change_set.get_absolute_url(), {"step": step, "version": change_set.version, **data}, follow=True
    )
