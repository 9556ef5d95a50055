"""Words that are put together never grow over the column that holds them, whichever way they are written."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import models

from dxportal.changesets.fields import TruncatingCharField, truncate_text
from dxportal.changesets.models import Action, Change, ChangeSet
from dxportal.changesets.workflow import change_title, create_set, propose, publish, replace_changes, undo
from dxportal.sheets.models import Upload
from dxportal.staff.proposing import generate_title
from dxportal.tracked_tables import CATALOGUE
from projects.models import Project
from tests.dxportal.staff.staff_actions import edit, find_line, sign_in_as

pytestmark = pytest.mark.django_db
LONG = "長" * 600


@pytest.fixture
def author() -> User:
    return User.objects.create_superuser("administrator")


def change(model: type[models.Model]) -> Change:
    label = f"{model._meta.app_label}.{model._meta.model_name}"
    return Change(model=label, row=uuid4(), key="k", name=LONG, action=Action.DELETE, before={})


def test_a_set_that_touches_every_table_has_a_title(author: User) -> None:
    changes = [change(model) for model in CATALOGUE for _ in range(100)]
    assert len(CATALOGUE) >= 26
    title = generate_title(changes)
    assert title.startswith(
        "予算額100件、増減の理由100件、資料に記載の額の予算区分100件、予算区分100件、合算した予算区分の内訳100件、分野100件、"
    )
    assert (len(title), title[-1]) == (200, "…")
    change_set = replace_changes(create_set(author, title, LONG), changes)
    change_set.refresh_from_db()
    assert change_set.title == title
    assert change_set.source == truncate_text(LONG, 200) == "長" * 199 + "…"
    assert {len(one.name) for one in change_set.changes.all()} == {500}


def test_renaming_and_undoing_keep_to_the_column(author: User) -> None:
    client = sign_in_as(author)
    edit(client, find_line("workation"), amount_thousand_yen=1)
    change_title(ChangeSet.objects.get(), LONG)
    assert ChangeSet.objects.get().title == "長" * 199 + "…"
    reverse = undo(publish(propose(ChangeSet.objects.get()), author), author)
    reverse.refresh_from_db()
    assert (reverse.title[:6], len(reverse.title)) == ("取り消し：長", 200)


def test_a_statement_of_any_kind_keeps_to_the_column(author: User) -> None:
    change_set = ChangeSet.objects.create(title=LONG, author=author, source="試験")
    ChangeSet.objects.bulk_create([ChangeSet(title=LONG, author=author, source="試験")])
    ChangeSet.objects.filter(pk=change_set.pk).update(title=LONG, source=LONG)
    assert {len(one.title) for one in ChangeSet.objects.all()} == {200}
    name = f"{Project.objects.all()[0].name}{LONG}.xlsx"
    upload = Upload.objects.create(user=author, file_name=name, size=1, sha256="0", result="refused")
    upload.refresh_from_db()
    assert len(upload.file_name) == 200


def test_every_text_of_these_tables_that_is_put_together_is_shortened() -> None:
    """A machine's words alone stand in plain columns: keys, codes, hashes."""
    plain = {
        f"{model.__name__}.{field.name}"
        for model in (ChangeSet, Change, Upload)
        for field in model._meta.concrete_fields
        if type(field) is models.CharField and not field.choices
    }
    assert plain == {"Change.model", "Change.key", "Upload.sha256"}
    assert isinstance(ChangeSet._meta.get_field("title"), TruncatingCharField)
