"""The rows of budget tables and their sums are what lines and appearances say, and follow what changes these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import models
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from budgets.models import BudgetLine, BudgetRow, BudgetSum, Stage
from budgets.order import follow_changes, is_derived, years_of
from budgets.rows import BudgetRows
from budgets.totals import Total
from catalog.models import Department, Goal
from projects.models import Appearance, Kind, Project
from tests.examples import examples

pytestmark = pytest.mark.django_db


def of(row: Any, year: int = 2022, **others: Any) -> BudgetLine:
    """A line like another one, of another year or stage."""
    values = {field.attname: getattr(row, field.attname) for field in BudgetLine._meta.fields if field.name != "id"}
    return BudgetLine.objects.create(**values | {"fiscal_year": year} | others)


def a_line() -> BudgetLine:
    return BudgetLine.objects.get(project__code="workation")


def test_the_rows_are_the_lines_and_the_projects_without_any() -> None:
    listed = BudgetRow.objects.listed()
    rows = BudgetRows.of(2021)
    assert {row.line_id for row in listed.of_lines()} == set(rows.lines.values_list("pk", flat=True))
    assert {row.appearance_id for row in listed.without_amount()} == set(rows.silent.values_list("pk", flat=True))
    assert listed.count() == 94


def test_lines_stand_in_the_order_of_lines() -> None:
    placed = BudgetRow.objects.of_lines().in_order().values_list("line", flat=True)
    assert list(placed) == list(BudgetLine.objects.in_order().values_list("pk", flat=True))


def test_a_row_says_what_its_line_says() -> None:
    names = ["fiscal_year", "project", "department", "part", "stage", "kind", "amount_thousand_yen", "document", "page"]
    rows = set(BudgetRow.objects.of_lines().values_list("line", *names))
    assert rows == set(BudgetLine.objects.values_list("pk", *names))


def test_the_sums_are_those_of_the_rows() -> None:
    stated = BudgetSum.objects.filter(kind=Kind.EXPENDITURE)
    assert sum(stated.values_list("amount_thousand_yen", flat=True)) == 3_673_685
    lending = BudgetSum.objects.filter(kind=Kind.LENDING_LIMIT)
    assert sum(lending.values_list("amount_thousand_yen", flat=True)) == 500_000
    assert sum(BudgetSum.objects.values_list("rows", flat=True)) == BudgetRow.objects.listed().count()
    assert set(BudgetSum.objects.filter(kind=None).values_list("amount_thousand_yen", flat=True)) == {None}


def changed_amount() -> tuple[type[models.Model], Any]:
    line = a_line()
    BudgetLine.objects.filter(pk=line.pk).update(amount_thousand_yen=1)
    return BudgetLine, line.pk


def new_year() -> tuple[type[models.Model], Any]:
    return BudgetLine, of(a_line()).pk


def gone() -> tuple[type[models.Model], Any]:
    line = a_line()
    lines = BudgetLine.objects.filter(pk=line.pk)
    lines._raw_delete(lines.db)
    return BudgetLine, line.pk


def renamed() -> tuple[type[models.Model], Any]:
    project = a_line().project
    Project.objects.filter(pk=project.pk).update(kana="あ")
    return Project, project.pk


def moved_stage() -> tuple[type[models.Model], Any]:
    later = Stage.objects.create(code="later", name="補正", position=77)
    of(a_line(), 2021, stage_id=later.pk)
    follow_changes(None)
    Stage.objects.filter(pk=later.pk).update(position=0)
    return Stage, later.pk


def moved_department() -> tuple[type[models.Model], Any]:
    department = a_line().department
    Department.objects.filter(pk=department.pk).update(position=77)
    return Department, department.pk


def printed_elsewhere() -> tuple[type[models.Model], Any]:
    appearance = BudgetRow.objects.listed().without_amount()[0].appearance
    Appearance.objects.filter(pk=appearance.pk).update(fiscal_year=2022)
    return Appearance, appearance.pk


def moved_goal() -> tuple[type[models.Model], Any]:
    """Which of two listings is the first follows from where their goals stand."""
    goal = Goal.objects.get(code="1-1-1")
    Goal.objects.filter(pk=goal.pk).update(position=77)
    return Goal, goal.pk


@pytest.mark.parametrize(
    "change",
    [changed_amount, new_year, gone, renamed, moved_stage, moved_department, printed_elsewhere, moved_goal],
)
def test_the_rows_follow_every_change(change: Callable[[], tuple[type[models.Model], Any]]) -> None:
    assert is_derived()
    changed = change()
    if change is not moved_goal:
        assert not is_derived(), "the change is one that moves rows"
    follow_changes([changed])
    assert is_derived()


def test_only_the_years_that_a_change_concerns_are_derived_again() -> None:
    line = of(a_line(), 2023)
    assert years_of([(BudgetLine, line.pk)]) == {2023}
    assert years_of([(Project, line.project_id)]) == {2021, 2023}
    assert years_of([(Goal, Goal.objects.all()[0].pk)]) == set()
    assert years_of([(Stage, line.stage_id)]) is None


def test_a_row_that_is_missing_or_says_something_else_is_found() -> None:
    assert is_derived()
    BudgetSum.objects.filter(kind=Kind.EXPENDITURE).update(amount_thousand_yen=1)
    assert not is_derived()
    follow_changes(None)
    assert is_derived()
    BudgetRow.objects.filter(place=1).delete()
    assert not is_derived()


class TestAnything(TestCase):
    @examples(20)
    @given(data=st.data())
    def test_sums_and_rows_are_what_is_counted_of_the_lines(self, data: st.DataObject) -> None:
        """Totals along the sums equal those that are counted, after any lines have come and followed."""
        lines = list(BudgetLine.objects.order_by("pk"))
        come = data.draw(st.sets(st.tuples(st.sampled_from(lines), st.sampled_from([2022, 2023])), max_size=8))
        follow_changes([(BudgetLine, of(line, year).pk) for line, year in come])
        assert is_derived()
        for year in (None, 2021, 2022, 2023):
            rows = BudgetRows.of(year)
            counted = replace(rows, sums=None)
            for column in ("department", "fiscal_year"):
                assert Total.by(column, rows) == Total.by(column, counted)
