"""Every constraint has an error message in Japanese that tells how to correct the row."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.db import models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AlterConstraint

from dxportal.staff.models import Role
from projects.models import ProjectPart
from tests.dxportal.staff.staff_actions import create_user, edit, find_line, sign_in_as

CONSTRAINTS = [
    pytest.param(constraint, id=constraint.name)
    for model in apps.get_models()
    if model.__module__.split(".")[0] in ("catalog", "projects", "budgets", "dxportal")
    for constraint in model._meta.constraints
]


@pytest.mark.on_no_database
@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_a_constraint_says_in_japanese_what_to_do(constraint: models.BaseConstraint) -> None:
    said = str(constraint.violation_error_message)
    assert said != str(constraint.default_violation_error_message)
    assert re.search("(ください|にします)。$", said), said
    assert re.search("[ぁ-ん]", said)
    assert "%" not in said  # no placeholder of Django


@pytest.mark.on_no_database
def test_the_migrations_that_brought_the_messages_change_no_table() -> None:
    migrations = [
        migration
        for (_, name), migration in MigrationLoader(None).disk_migrations.items()
        if name.endswith("_constraint_messages")
    ]
    assert len(migrations) == 8
    assert {type(operation) for migration in migrations for operation in migration.operations} == {AlterConstraint}


@pytest.mark.django_db
def test_the_form_of_the_admin_shows_them() -> None:
    bureau = sign_in_as(create_user("bureau", Role.BUREAU))
    row = find_line("workation")
    said = edit(bureau, row, page="").content.decode()
    assert "出典資料とページは、両方入れるか、両方空にしてください。" in said
    first, second = ProjectPart.objects.filter(project__code=ProjectPart.objects.all()[0].project.code)[:2]
    said = edit(bureau, second, code=first.code).content.decode()
    assert "この事業には、同じコードの内訳がもうあります。別のコードを付けてください。" in said
