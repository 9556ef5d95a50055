"""A form that has been open while others published: nothing of theirs is reverted, nothing typed is lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from budgets.models import BudgetLine
from catalog.models import Department
from dxportal.changes.models import ChangeSet
from dxportal.desk.models import Role
from projects.models import Project
from tests.dxportal.desk.working import address, fields_of, line, person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def bureau() -> Client:
    return signed_in(person("bureau", Role.BUREAU))


def opened(client: Client, row: Any) -> dict[str, str]:
    return fields_of(client.get(address(row)).content.decode())


def saved(client: Client, row: Any, form: dict[str, str], **typed: Any) -> HttpResponse:
    return client.post(address(row), form | {name: str(value) for name, value in typed.items()} | {"_save": "1"})


def test_a_field_that_was_not_touched_keeps_what_others_published(bureau: Client) -> None:
    form = opened(bureau, line("workation"))
    BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=7)
    assert saved(bureau, line("workation"), form, editorial_note="注").status_code == 302
    assert ChangeSet.objects.get().changes.get().fields == {"editorial_note": ("", "注")}


def test_a_field_that_both_changed_is_told_and_the_input_kept(bureau: Client) -> None:
    form = opened(bureau, line("workation"))
    BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=7_000)
    response = saved(bureau, line("workation"), form, amount_thousand_yen=8)
    assert response.status_code == 200
    html = response.content.decode()
    assert "ほかの人が「7,000」に変えました。" in html
    assert fields_of(html)["amount_thousand_yen"] == "8"
    assert not ChangeSet.objects.exists()
    # knowing that, the same input is meant
    assert saved(bureau, line("workation"), fields_of(html)).status_code == 302
    assert ChangeSet.objects.get().changes.get().fields == {"amount_thousand_yen": (7_000, 8)}


@pytest.mark.parametrize("typed", ["１，２３４千円", "1,234", " 1234 "])
def test_amounts_are_shown_and_typed_as_people_write_them(bureau: Client, typed: str) -> None:
    form = opened(bureau, line("workation"))
    assert form["amount_thousand_yen"] == form["initial-amount_thousand_yen"] == "85,000"
    assert saved(bureau, line("workation"), form, amount_thousand_yen=typed).status_code == 302
    assert ChangeSet.objects.get().changes.get().fields == {"amount_thousand_yen": (85_000, 1_234)}


def test_the_same_change_by_both_is_no_quarrel(bureau: Client) -> None:
    form = opened(bureau, line("workation"))
    BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=7)
    assert saved(bureau, line("workation"), form, amount_thousand_yen=7).status_code == 302
    assert not ChangeSet.objects.exists()


def test_references_and_choices_are_told_by_name(bureau: Client) -> None:
    project = Project.objects.get(code="workation")
    form = opened(bureau, project)
    other, mine = Department.objects.exclude(pk=project.department_id)[:2]
    Project.objects.filter(pk=project.pk).update(department=other, nature="activity")
    html = saved(bureau, project, form, department=mine.pk, nature="heading").content.decode()
    assert f"ほかの人が「{other.name}」に変えました。" in html
    assert "ほかの人が「活動」に変えました。" in html


def test_an_untouched_form_of_long_ago_changes_nothing(bureau: Client) -> None:
    project = Project.objects.get(code="workation")
    form = opened(bureau, project)
    Project.objects.filter(pk=project.pk).update(name="ほかの名", nature="activity")
    assert saved(bureau, project, form).status_code == 302
    assert not ChangeSet.objects.exists()
