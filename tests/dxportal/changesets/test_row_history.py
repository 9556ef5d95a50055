"""The history of a row: what was published of it, who did it, and when; for staff alone."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from budgets.models import BudgetLine, Stage
from catalog.models import Countermeasure, Department, Goal
from dxportal.changesets.row_history import find_row_history
from dxportal.changesets.workflow import undo
from projects.models import Appearance, Project, ProjectPart, SakigakeProject
from tests.dxportal.changesets.change_sets import create_author, make_open_set, publish_edits
from tests.plans import minamihoshi, use_plans

pytestmark = [pytest.mark.django_db, use_plans(minamihoshi)]


def rename(code: str, name: str) -> int:
    return Project.objects.filter(code=code).update(name=name)


def told_of(row: models.Model) -> list[tuple[str, str]]:
    return [(change.change_set.title, change.name) for change in find_row_history(type(row), row.pk)]


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("admin"))
    return client


def page_of(client: Client, row: models.Model) -> str:
    meta = row._meta
    response = client.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_history", args=[row.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_published_changes_of_a_row_the_latest_first() -> None:
    survey = Project.objects.get(code="survey")
    publish_edits(lambda: rename("survey", "島の声"), title="一")
    done = publish_edits(lambda: rename("survey", "島々の声"), title="二")
    publish_edits(lambda: rename("online", "別の事業"), title="別")
    make_open_set(lambda: rename("survey", "まだ"), title="作成中")
    undo(done, create_author())
    assert told_of(survey) == [
        ("取り消し：二", "島の声"),
        ("二", "島の声"),
        ("一", "島の声を聞く活動"),
    ]


def test_the_history_of_a_project_includes_its_parts_lines_and_appearances() -> None:
    survey = Project.objects.get(code="survey")

    def add() -> None:
        part = ProjectPart.objects.create(project=survey, code="p", name="聞き取り", position=1)
        BudgetLine.objects.create(
            project=survey,
            part=part,
            fiscal_year=2024,
            stage=Stage.objects.get(code="initial"),
            department=survey.department,
            amount_thousand_yen=5,
        )

    publish_edits(add, title="追加")
    publish_edits(lambda: BudgetLine.objects.filter(project=survey).update(amount_thousand_yen=6), title="増額")
    publish_edits(lambda: Appearance.objects.filter(project=survey).update(note="添え書き"), title="添え書き")
    publish_edits(lambda: BudgetLine.objects.filter(project=survey).delete(), title="削除")
    publish_edits(lambda: rename("online", "別の事業"), title="別")
    assert [title for title, _ in told_of(survey)] == ["削除", "添え書き", "増額", "追加", "追加"]


def test_a_sakigake_project_and_a_countermeasure_include_what_stands_under_them() -> None:
    row = Appearance.objects.get(project__code="loans")
    measure = Countermeasure.objects.get(code="2-1-1-1")
    publish_edits(lambda: Appearance.objects.filter(pk=row.pk).update(note="添え書き"), title="掲載")
    assert [title for title, _ in told_of(measure)] == ["掲載"]
    assert told_of(Goal.objects.get(code="2-1-1")) == []

    sakigake = SakigakeProject(
        plan=row.plan, code="1", number=1, name="魁", description="", document=row.document, page=4, position=1
    )
    publish_edits(lambda: sakigake.save(force_insert=True), title="新規")
    publish_edits(
        lambda: Appearance.objects.filter(pk=row.pk).update(countermeasure=None, sakigake_project=sakigake),
        title="移す",
    )
    assert [title for title, _ in told_of(sakigake)] == ["移す", "新規", "掲載"]
    assert [title for title, _ in told_of(measure)] == ["移す", "掲載"]  # it once stood there


def test_the_history_takes_one_query() -> None:
    survey = Project.objects.get(code="survey")
    for number in range(3):
        publish_edits(lambda number=number: rename("survey", f"名{number}"))
    with CaptureQueriesContext(connection) as queries:
        assert {change.change_set.author.username for change in find_row_history(Project, survey.pk)} == {"user-author"}
        assert len(find_row_history(Project, survey.pk)) == 3
    assert len(queries) == 2


def test_staff_see_who_and_when_in_the_admin(staff: Client) -> None:
    survey = Project.objects.get(code="survey")
    done = publish_edits(lambda: rename("survey", "島の声"), title="改称")
    undo(done, create_author("reviewer"))
    html = page_of(staff, survey)
    assert "提案 姓author 名author<br>公開 姓reviewer 名reviewer" in html
    assert f'<a href="/admin/changes/{done.pk}/">{done.pk} 改称</a>' in html
    assert "取り消し済み" in html
    assert html.index("取り消し：改称") < html.index(f">{done.pk} 改称<")
    assert "島の声" in html
    assert "を聞く活動" in html


def test_pages_of_a_long_history(staff: Client) -> None:
    life = Department.objects.get(code="life")
    for number in range(51):
        publish_edits(lambda number=number: Department.objects.filter(pk=life.pk).update(contact=f"内線{number}番"))
    first = page_of(staff, life)
    assert "内線50番" in first
    assert "内線0番" not in first.partition("内線1番")[0]
    assert '<a href="?p=2">古いほうへ</a>' in first
    address = reverse("admin:catalog_department_history", args=[life.pk])
    assert "内線0番" in staff.get(address, {"p": 2}).content.decode()
    assert staff.get(address, {"p": "x"}).status_code == 200


def test_a_row_that_never_changed_says_so_and_an_unknown_one_is_told_by_the_admin(staff: Client) -> None:
    assert "公開された変更はありません" in page_of(staff, Project.objects.get(code="survey"))
    assert staff.get(reverse("admin:projects_project_history", args=["no-row"])).status_code == 302


def test_tables_beside_the_catalogue_keep_the_log_of_the_admin(staff: Client) -> None:
    user = User.objects.get(username="admin")
    assert "change-history" in page_of(staff, user)


def test_who_may_not_look_at_the_row_sees_no_history(client: Client) -> None:
    client.force_login(User.objects.create_user("nobody"))
    address = reverse("admin:projects_project_history", args=[Project.objects.get(code="survey").pk])
    assert client.get(address).status_code in (302, 403)
