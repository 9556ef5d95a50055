"""Projects stand at the places that names and departments give them."""

from __future__ import annotations

from collections import Counter

import pytest

from catalog.models import Department
from projects.models import Project, ProjectPlace
from projects.order import count, follow_changes, is_derived

pytestmark = pytest.mark.django_db


def in_places() -> list[str]:
    return list(Project.objects.all().table.order_by("arranged__place").values_list("code", flat=True))


def test_the_places_are_the_order_of_projects() -> None:
    assert in_places() == list(Project.objects.in_order().values_list("code", flat=True))
    assert list(ProjectPlace.objects.order_by("place").values_list("place", flat=True)) == list(range(1, 95))


def test_the_last_place_in_a_department_says_how_many_projects_it_has() -> None:
    counts = Counter(Project.objects.values_list("department__code", flat=True))
    last: dict[str, int] = {}
    for code, place in ProjectPlace.objects.values_list("department__code", "place_in_department"):
        last[code] = max(place, last.get(code, 0))
    assert last == counts


def test_all_projects_are_counted_without_looking_at_them() -> None:
    assert count(Project.objects.all()) == Project.objects.count() > 60
    some = Project.objects.filter(department__code="kyoiku")
    assert 0 < count(some) == some.count() < Project.objects.count()
    assert count(Project.objects.none()) == 0
    ProjectPlace.objects.all().delete()
    assert count(Project.objects.all()) == 0, "nothing is arranged that could be shown"
    assert count(some) == some.count() > 0


def test_a_project_of_another_name_moves() -> None:
    project = Project.objects.in_order()[0]
    Project.objects.filter(pk=project.pk).update(kana="ん")
    assert not is_derived()
    follow_changes([(Project, project.pk)])
    assert is_derived()
    assert in_places()[0] != project.code


def test_projects_move_with_their_department() -> None:
    department = Department.objects.in_order()[0]
    Department.objects.filter(pk=department.pk).update(position=999)
    follow_changes([(Department, department.pk)])
    assert is_derived()
    assert in_places()[-1] in set(department.projects.values_list("code", flat=True))


def test_what_arranges_no_project_changes_nothing() -> None:
    Project.objects.update(kana="ん")
    follow_changes([(ProjectPlace, Project.objects.in_order()[0].pk)])
    assert not is_derived()


def test_a_place_that_is_missing_or_too_many_is_found() -> None:
    assert is_derived()
    ProjectPlace.objects.filter(place=1).delete()
    assert not is_derived()
