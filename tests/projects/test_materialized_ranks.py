"""Materialised ranks equal the order of names and departments after any change."""

from __future__ import annotations

from collections import Counter

import pytest

from catalog.models import Department
from projects import materialized_ranks
from projects.materialized_ranks import count_projects, has_fresh_ranks, refresh_ranks
from projects.models import Project, ProjectCount, ProjectRank
from tests import derived_tables

pytestmark = pytest.mark.django_db


def in_order() -> list[str]:
    table = Project.objects.all().table
    return list(table.order_by("rank__department_position", "rank__by_name").values_list("code", flat=True))


def test_the_ranks_are_the_order_of_projects() -> None:
    assert in_order() == list(Project.objects.in_order().values_list("code", flat=True))
    by_code = Project.objects.order_by("rank__by_code").values_list("code", flat=True)
    assert list(by_code) == list(Project.objects.order_by("kana", "code").values_list("code", flat=True))


def test_the_projects_of_a_department_are_counted() -> None:
    counts = Counter(Project.objects.values_list("department", flat=True))
    assert dict(ProjectCount.objects.values_list("department", "projects")) == counts


def test_all_projects_are_counted_without_looking_at_them() -> None:
    assert count_projects(Project.objects.all()) == Project.objects.count() > 60
    some = Project.objects.filter(department__code="kyoiku")
    assert 0 < count_projects(some) == some.count() < Project.objects.count()
    assert count_projects(Project.objects.none()) == 0
    ProjectCount.objects.all().delete()
    assert count_projects(Project.objects.all()) == 0, "nothing is counted that could be shown"
    assert count_projects(some) == some.count() > 0


def test_a_project_of_another_name_moves_and_no_other_does() -> None:
    project = Project.objects.in_order()[0]
    before = dict(ProjectRank.objects.values_list("project", "by_name"))
    change = derived_tables.update_row(project, kana="ん")
    assert not has_fresh_ranks()
    assert refresh_ranks([change]) == [project.pk]
    assert has_fresh_ranks()
    assert in_order()[0] != project.code
    after = dict(ProjectRank.objects.values_list("project", "by_name"))
    assert {pk for pk, rank in after.items() if before[pk] != rank} == {project.pk}


def test_projects_come_and_go_between_others() -> None:
    one, *_, other = Project.objects.order_by("kana", "name", "code")
    department = one.department
    come = [
        Project.objects.create(code=f"new-{nth}", name=name, kana=kana, department=department)
        for nth, (kana, name) in enumerate([("", "初"), ("", "初"), (one.kana, one.name), (other.kana + "ん", "末")])
    ]
    refresh_ranks([derived_tables.creation_of(project) for project in come])
    assert has_fresh_ranks()
    for project in come:
        Project.objects.filter(pk=project.pk).delete()
    refresh_ranks([derived_tables.deletion_of(project) for project in come])
    assert has_fresh_ranks()


def test_where_no_room_is_left_all_ranks_are_given_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(materialized_ranks, "GAP", 4)
    refresh_ranks(None)
    moved: list[object] = []
    for nth in range(4):
        project = Project.objects.create(code=f"new-{9 - nth}", name="初", department=Department.objects.all()[0])
        moved.append(refresh_ranks([derived_tables.creation_of(project)]))
        assert has_fresh_ranks()
    assert None in moved
    assert [[project.pk]] != moved


def test_projects_move_with_their_department() -> None:
    department = Department.objects.in_order()[0]
    refresh_ranks([derived_tables.update_row(department, position=999)])
    assert has_fresh_ranks()
    assert in_order()[-1] in set(department.projects.values_list("code", flat=True))


def test_a_project_moves_to_another_department() -> None:
    one, other = Department.objects.in_order()[:2]
    refresh_ranks([derived_tables.update_row(one.projects.all()[0], department=other)])
    assert has_fresh_ranks()


def test_what_arranges_no_project_changes_nothing() -> None:
    Project.objects.update(kana="ん")
    assert refresh_ranks([derived_tables.update_row(Project.objects.all()[0], editorial_note="注")]) == []
    assert not has_fresh_ranks()


def test_a_rank_that_is_missing_or_wrong_is_found() -> None:
    assert has_fresh_ranks()
    one, other = ProjectRank.objects.order_by("by_code")[:2]
    ProjectRank.objects.filter(pk=one.pk).update(by_code=other.by_code + 1)
    assert not has_fresh_ranks()
    refresh_ranks(None)
    ProjectRank.objects.filter(pk=one.pk).delete()
    assert not has_fresh_ranks()
