from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from budgets.models import BudgetLine, Stage
from budgets.models.lines import lines_of
from catalog.models import Department
from projects.models import Appearance, Project, ProjectPart
from tests.examples import examples

pytestmark = pytest.mark.django_db


def line(project: str, **values: Any) -> BudgetLine:
    facts: dict[str, Any] = {
        "fiscal_year": 2021,
        "stage": Stage.objects.get(code="initial-with-february"),
        "amount_thousand_yen": 1,
        "department": Department.objects.get(code="somu"),
    }
    with transaction.atomic():
        return BudgetLine.objects.create(project=Project.objects.get(code=project), **(facts | values))


def test_a_line_of_the_whole_project_stands_once() -> None:
    with pytest.raises(IntegrityError):
        line("yamaguchi-dx")
    line("yamaguchi-dx", fiscal_year=2022)
    line("yamaguchi-dx", kind="lending_limit")


def test_a_line_of_a_part_stands_once() -> None:
    part = ProjectPart.objects.get(project__code="regional-employment", code="career-up")
    with pytest.raises(IntegrityError):
        line("regional-employment", part=part)


@pytest.mark.parametrize("values", [{"kind": "gift"}, {"page": 4}])
def test_what_the_database_refuses(values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        line("smart-factory-model", **values)


@pytest.mark.parametrize(
    ("stage", "is_refused"),
    [("initial", True), ("settlement", True), ("revised", True), ("june", False), ("adjustment", False)],
)
def test_only_supplements_and_adjustments_are_negative(stage: str, is_refused: bool) -> None:
    row = line("smart-factory-model", stage=Stage.objects.get(code=stage), fiscal_year=2022)
    row.amount_thousand_yen = -3000
    if is_refused:
        with pytest.raises(ValidationError) as refused:
            row.full_clean()
        assert list(refused.value.message_dict) == ["amount_thousand_yen"]
    else:
        row.full_clean()
        row.save()
        assert BudgetLine.objects.get(pk=row.pk).amount_thousand_yen == -3000


def test_sentences() -> None:
    assert BudgetLine.objects.expenditure().for_year(2021).count() == 31
    kyoiku = Department.objects.get(code="kyoiku")
    assert BudgetLine.objects.of_department(kyoiku).count() == 3


def test_every_line_says_where_it_is_printed() -> None:
    assert BudgetLine.objects.filter(document__number=4, page__range=(18, 22)).count() == 32


def test_lines_stand_by_department_in_order() -> None:
    order = [row.department.position for row in BudgetLine.objects.with_names().in_order()]
    assert order == sorted(order)


def test_an_appearance_that_names_a_part_speaks_of_that_part_and_of_the_whole() -> None:
    career_up = Appearance.objects.filter(code="1-3-2-1-3")
    assert [str(row.part) for row in BudgetLine.objects.pointed_at_by(career_up)] == ["求職者向けキャリアアップ支援"]
    retention = Appearance.objects.filter(code="3-2-1-1-2")
    assert retention.get().named_parts.get().label == "人材確保・定着"
    assert not BudgetLine.objects.pointed_at_by(retention).exists()
    three_parts = Appearance.objects.filter(code="s7-1")
    assert [row.amount_thousand_yen for row in BudgetLine.objects.pointed_at_by(three_parts)] == [544_600]


def test_lines_of_another_year_are_not_spoken_of() -> None:
    BudgetLine.objects.filter(project__code="yamaguchi-dx").update(fiscal_year=2022)
    assert not BudgetLine.objects.pointed_at_by(Appearance.objects.filter(code="s7-1")).exists()


class TestBothWaysToFindLines(TestCase):
    """`pointed_at_by` asks the database, `lines_of` sorts in memory: one rule, the same answer."""

    @examples(25)
    @given(data=st.data())
    def test_the_same_lines(self, data: st.DataObject) -> None:
        codes = sorted(Appearance.objects.values_list("code", flat=True))
        chosen = data.draw(st.lists(st.sampled_from(codes), unique=True, max_size=30))
        parts = list(ProjectPart.objects.order_by("project__code", "code"))
        for number, part in enumerate(data.draw(st.lists(st.sampled_from(parts), unique=True, max_size=8))):
            BudgetLine.objects.get_or_create(
                project=part.project,
                part=part,
                fiscal_year=2021,
                stage=Stage.objects.get(code="initial"),
                kind="expenditure",
                defaults={"amount_thousand_yen": number, "department": part.project.department},
            )
        appearances = Appearance.objects.filter(code__in=chosen)
        asked = set(BudgetLine.objects.pointed_at_by(appearances))
        sorted_out = lines_of(appearances.prefetch_related("named_parts"), BudgetLine.objects.all())
        assert asked == {row for rows in sorted_out.values() for row in rows}
