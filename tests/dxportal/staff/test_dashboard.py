"""The start page of the desk: tables by task, and what waits for whoever has signed in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from budgets.models import BudgetLine
from budgets.reconciliation import Reconciliation
from dxportal.changesets.models import ChangeSet
from dxportal.staff.dashboard import MAX_PENDING_ROWS, projects_without_amount
from dxportal.staff.models import Role
from tests.budgets.making import all_rows
from tests.dxportal.staff.staff_actions import create_user, edit, find_line, sign_in_as, take_step

pytestmark = pytest.mark.django_db
SILENT = "令和３年度（2021年度）に額の記載がない事業"


def start(client: Client) -> str:
    return client.get("/admin/").content.decode()


def listed(html: str) -> list[str]:
    """The projects that the start page lists as without an amount."""
    return re.findall(r'/admin/projects/project/[0-9a-f-]+/change/">([^<]+)', html[html.index(SILENT) :])


def test_tables_stand_by_task() -> None:
    html = start(sign_in_as(create_user("bureau", Role.BUREAU)))
    places = [html.index(f">{task}<") for task in ("事業と予算", "分野・目標・対応策", "部局・資料・同義語")]
    assert places == sorted(places)


def test_open_and_proposed_sets_wait_for_whom_they_concern() -> None:
    bureau = sign_in_as(create_user("bureau", Role.BUREAU))
    editor = sign_in_as(create_user("editor", Role.EDITOR, "kyoiku"))
    edit(editor, find_line("museum-exhibition"), amount_thousand_yen=1)
    title = "予算額1件の変更"
    assert title in start(editor)
    assert title not in start(bureau)
    take_step(editor, ChangeSet.objects.get(), "propose")
    other = sign_in_as(create_user("other", Role.EDITOR, "somu"))
    assert [title in start(client) for client in (editor, bureau, other)] == [True, True, False]


def test_projects_without_an_amount_are_listed_and_the_rest_is_a_click_away() -> None:
    bureau = sign_in_as(create_user("bureau", Role.BUREAU))
    html = start(bureau)
    count = projects_without_amount(all_rows(2021)).count()
    assert len(listed(html)) == MAX_PENDING_ROWS < count
    assert f'<a href="/admin/projects/project/?silent=2021">全部で{count}件を見る</a>' in html
    assert f"結果 {count}" in re.sub(r"\s+", " ", bureau.get("/admin/projects/project/?silent=2021").content.decode())
    for unknown in ("2020", "x", ""):
        assert bureau.get("/admin/projects/project/", {"silent": unknown}).status_code == 200


def test_an_editor_is_told_of_the_own_departments_alone() -> None:
    html = start(sign_in_as(create_user("editor", Role.EDITOR, "kyoiku")))
    own = projects_without_amount(all_rows(2021)).filter(department__code="kyoiku")
    assert sorted(listed(html)) == sorted(own.values_list("name", flat=True))
    assert "一致しないところ" not in html


def test_what_does_not_reconcile_is_counted() -> None:
    bureau = sign_in_as(create_user("bureau", Role.BUREAU))
    assert "一致しないところ" not in start(bureau)
    BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=1)
    findings = Reconciliation.of(2021).findings
    assert findings
    assert f"一致しないところが{findings}件あります。" in start(bureau)


def test_the_foot_of_the_desk_says_which_version_it_is_to_those_who_have_signed_in(settings: Any) -> None:
    settings.VERSION = "9.8.7"
    assert "dxportal 9.8.7" in start(sign_in_as(create_user("bureau", Role.BUREAU)))
    assert "9.8.7" not in Client().get("/admin/login/").content.decode()
