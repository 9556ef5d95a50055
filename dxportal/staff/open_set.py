"""The open set in which a user works, kept in the session, like a checked-out branch."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest

from dxportal.changesets.models import ChangeSet, State

KEY = "change_set"


def open_set(request: HttpRequest) -> ChangeSet | None:
    """Return the user's open set of this session, or None; a set that is no longer open is removed from the session."""
    number = request.session.get(KEY)
    if number is None:
        return None
    found = ChangeSet.objects.filter(pk=number, author=user_of(request), state=State.OPEN).first()
    if found is None:
        leave(request)
    return found


def enter(request: HttpRequest, change_set: ChangeSet) -> None:
    request.session[KEY] = change_set.pk


def leave(request: HttpRequest) -> None:
    request.session.pop(KEY, None)


def user_of(request: HttpRequest) -> User:
    """Return the signed-in user; every page of the desk requires one."""
    return cast(User, request.user)
