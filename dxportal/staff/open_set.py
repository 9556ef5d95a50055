"""The open set in which a user works, kept in the session, like a checked-out branch."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest

from dxportal.changesets.models import ChangeSet, State

OPEN_SET_SESSION_KEY = "change_set"


def open_set(request: HttpRequest) -> ChangeSet | None:
    """Return the user's open set of this session, or None; a set that is no longer open is removed from the session."""
    number = request.session.get(OPEN_SET_SESSION_KEY)
    if number is None:
        return None
    change_set = ChangeSet.objects.filter(pk=number, author=signed_in_user(request), state=State.OPEN).first()
    if change_set is None:
        leave_set(request)
    return change_set


def enter_set(request: HttpRequest, change_set: ChangeSet) -> None:
    request.session[OPEN_SET_SESSION_KEY] = change_set.pk


def leave_set(request: HttpRequest) -> None:
    request.session.pop(OPEN_SET_SESSION_KEY, None)


def signed_in_user(request: HttpRequest) -> User:
    """Return the signed-in user; every page of the desk requires one."""
    return cast(User, request.user)
