from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from budgets.totals import fiscal_years
from catalog.models import Department
from projects.models import Appearance, NamedPart, Project, ProjectPart, SakigakeProject

pytestmark = pytest.mark.django_db


def change(code: str, **values: Any) -> None:
    with transaction.atomic():
        assert Appearance.objects.filter(code=code).update(**values) == 1


def test_an_appearance_has_exactly_one_parent() -> None:
    with pytest.raises(IntegrityError):
        change("s1-1", sakigake_project=None)
    listing = Appearance.objects.get(code="1-1-1-1-1")
    with pytest.raises(IntegrityError):
        change("s1-1", countermeasure=listing.countermeasure)


@pytest.mark.parametrize(
    "values",
    [
        {"printed_amount_thousand_yen": None},
        {"printed_kind": ""},
        {"printed_kind": "gift"},
        {"printed_amount_thousand_yen": -1},
    ],
)
def test_an_amount_has_a_kind_and_is_not_negative(values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        change("s1-1", **values)


def test_a_printed_zero_is_not_the_same_as_nothing_printed() -> None:
    change("s1-1", printed_amount_thousand_yen=0)
    change("s1-2", printed_amount_thousand_yen=None, printed_kind="")
    assert Appearance.objects.filter(printed_amount_thousand_yen=0).count() == 1
    assert Appearance.objects.components().filter(printed_amount_thousand_yen=None).count() == 4


def test_a_code_is_unique_in_a_year_and_free_in_the_next() -> None:
    component = Appearance.objects.get(code="s1-1")
    component.pk, component.fiscal_year = None, 2022
    component.pk = Appearance._meta.pk.get_default()
    component.save(force_insert=True)
    assert fiscal_years() == [2022, 2021]
    component.pk = Appearance._meta.pk.get_default()
    with pytest.raises(IntegrityError), transaction.atomic():
        component.save(force_insert=True)


def test_a_mark_cannot_stand_before_parts_where_there_is_none() -> None:
    with pytest.raises(IntegrityError):
        change("s1-1", repeat_before_parts=True)


def test_a_part_is_named_once_in_an_appearance() -> None:
    named = NamedPart.objects.first()
    assert named is not None
    named.pk = NamedPart._meta.pk.get_default()
    with pytest.raises(IntegrityError), transaction.atomic():
        named.save(force_insert=True)


def test_part_codes_are_unique_in_their_project_only() -> None:
    assert ProjectPart.objects.filter(code="cashless").count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.get(code="tax-system").parts.create(code="cashless", name="二つめ", position=2)


def test_listings_and_components() -> None:
    assert Appearance.objects.listings().count() == 121
    assert Appearance.objects.components().count() == 45
    assert Appearance.objects.for_year(2021).count() == 166
    assert Appearance.objects.for_year(2022).count() == 0


def test_appearances_stand_in_the_order_of_the_print() -> None:
    project = Project.objects.get(code="yamaguchi-dx")
    assert [row.code for row in project.appearances.in_printed_order()] == [
        "1-1-1-1-5",
        "1-1-3-1-4",
        "1-2-1-1-4",
        "3-6-2-1-3",
        "4-2-1-1-1",
        "4-3-1-1-1",
        "s4-1",
        "s7-1",
        "s8-1",
        "s10-1",
    ]


def test_projects_of_a_department_in_order_of_their_reading() -> None:
    department = Department.objects.get(code="somu")
    names = [project.name for project in Project.objects.of_department(department).in_order()]
    assert names == ["私立高等学校等「未来型教育」支援事業", "税務電算システム運用事務", "文書管理費"]


def test_sakigake_projects_stand_by_number() -> None:
    assert list(SakigakeProject.objects.in_order().values_list("number", flat=True)) == list(range(1, 11))
    with pytest.raises(IntegrityError), transaction.atomic():
        SakigakeProject.objects.filter(number=10).update(number=9)


def test_one_name_for_a_project_however_it_is_printed() -> None:
    project = Project.objects.get(code="ict-advanced-education")
    assert project.name == "ＩＣＴを活用した先進的教育推進事業"
    printed = set(project.appearances.values_list("printed_name", flat=True))
    assert printed == {"ICTを活用した先進的教育推進事業", "ＩＣＴを活用した先進的教育推進事業"}


def test_two_labels_of_one_department() -> None:
    labels = Appearance.objects.filter(department__code="kyoiku").values_list("printed_department", flat=True)
    assert set(labels) == {"教育庁", "教育委員会"}
