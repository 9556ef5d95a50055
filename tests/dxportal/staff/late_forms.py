"""Forms that are sent after the session has ended, for the tests of the desk."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db.models import F
from django.http import HttpResponse
from django.test import Client

from dxportal.staff.models import Role
from tests.dxportal.staff.staff_actions import admin_address, create_user, find_line, parse_form

PASSWORD = "sakura-no-hana-42"  # noqa: S105
HOUR = timedelta(hours=1)


def create_staff(name: str, role: str = Role.BUREAU, *departments: str) -> User:
    user = create_user(name, role, *departments)
    user.set_password(PASSWORD)
    user.save()
    return user


def open_browser(user: User) -> Client:
    """Return a signed-in client with CSRF checks."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return client


def end_sessions(hours: float = 13) -> None:
    Session.objects.update(expire_date=F("expire_date") - hours * HOUR)


def form_fields(html: str) -> dict[str, str]:
    """Return the fields that a browser would send of the forms of a page of the desk."""
    marks = ('id="content-main"', 'class="change-set"')
    return parse_form(html if marks[0] in html else html.replace(marks[1], marks[0]))


def sign_in(client: Client, to: str, name: str = "bureau") -> HttpResponse:
    """Sign in on the page to which a late form has led, and follow to where that leads."""
    form = form_fields(client.get(to).content.decode())
    return client.post(to, form | {"username": name, "password": PASSWORD}, follow=True)


def current_address(response: HttpResponse) -> str:
    """Return the address after all redirects."""
    return str(response.redirect_chain[-1][0])


def text_of(response: HttpResponse) -> str:
    return unescape(re.sub(r"<[^>]*>", "", response.content.decode()))


def send_late(client: Client, path: str, form: dict[str, Any]) -> str:
    """Send a form after the session has ended; return the address of the sign-in page."""
    token = form_fields(client.get("/admin/password_change/").content.decode())["csrfmiddlewaretoken"]
    end_sessions()
    response = client.post(path, {"csrfmiddlewaretoken": token} | form)
    assert response.status_code == 302, response.content.decode()
    assert response.headers["Location"].startswith("/admin/login/?next=/admin/")
    return str(response.headers["Location"])


def without_token(form: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in form.items() if name != "csrfmiddlewaretoken"}


def late_form(client: Client) -> dict[str, str]:
    return form_fields(client.get(admin_address(find_line("workation"))).content.decode()) | {
        "editorial_note": "大事な注"
    }
