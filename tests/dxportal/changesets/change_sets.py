"""Change sets in each state, made as staff make them: by recording edits."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import User

from catalog.models import Department, DepartmentAlias
from dxportal.changesets.models import ChangeSet
from dxportal.changesets.recording import record_changes
from dxportal.changesets.workflow import create_set, propose, publish, replace_changes

Edit = Callable[[], object]


def create_author(name: str = "author") -> User:
    """Create a member of staff, whose names must not become public."""
    found, _ = User.objects.get_or_create(
        username=f"user-{name}", first_name=f"名{name}", last_name=f"姓{name}", email=f"{name}@staff.example"
    )
    return found


def make_open_set(*done: Edit, title: str = "試み", source: str = "秘密のファイル.xlsx") -> ChangeSet:
    with record_changes() as recorder:
        for edit in done:
            edit()
    return replace_changes(create_set(create_author(), title, source), recorder.changes)


def publish_edits(*done: Edit, title: str = "試み") -> ChangeSet:
    return publish(propose(make_open_set(*done, title=title)), create_author("reviewer"))


def rename_department(code: str, name: str) -> Edit:
    """Rename a department as staff have to: its printed name becomes an alias in the same save."""

    def rename() -> object:
        department = Department.objects.get(code=code)
        DepartmentAlias.objects.create(department=department, label=department.name, position=99)
        return Department.objects.filter(code=code).update(name=name)

    return rename
