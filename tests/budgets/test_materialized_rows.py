"""The rows of budget tables and their sums are what lines and appearances say, and follow what changes these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from budgets import materialized_rows
from budgets.materialized_rows import has_fresh_budgets, refresh_budgets
from budgets.models import BudgetLine, BudgetRow, BudgetSum, Measure, Stage, StageComponent
from budgets.totals import Total
from catalog.models import Goal
from catalog.row_changes import RowChange
from projects.models import AmountKind, Appearance
from tests import derived_tables
from tests.budgets.making import all_rows
from tests.examples import examples

pytestmark = pytest.mark.django_db


def of(row: Any, year: int = 2022, **others: Any) -> BudgetLine:
    """A line like another one, of another year or stage."""
    values = {field.attname: getattr(row, field.attname) for field in BudgetLine._meta.fields if field.name != "id"}
    return BudgetLine.objects.create(**values | {"fiscal_year": year} | others)


def a_line() -> BudgetLine:
    return BudgetLine.objects.get(project__code="workation")


def test_the_rows_are_the_lines_and_the_projects_without_any() -> None:
    rows = BudgetRow.objects.of_measure(Measure.ALL)
    assert set(rows.of_lines().values_list("line", flat=True)) == set(BudgetLine.objects.values_list("pk", flat=True))
    appearances = Appearance.objects.current().first_of_each_project()
    without = appearances.exclude(project__in=BudgetLine.objects.values("project"))
    assert set(rows.of_projects().values_list("appearance", flat=True)) == set(without.values_list("pk", flat=True))
    assert rows.count() == 94
    assert BudgetRow.objects.of_projects().count() == appearances.count()


def test_lines_stand_in_the_order_of_lines() -> None:
    placed = BudgetRow.objects.of_lines().in_order().values_list("line", flat=True)
    assert list(placed) == list(BudgetLine.objects.in_order().values_list("pk", flat=True))


def test_a_row_says_what_its_line_says() -> None:
    names = ["fiscal_year", "project", "department", "part", "stage", "kind", "amount_thousand_yen", "document", "page"]
    rows = set(BudgetRow.objects.of_lines().values_list("line", *names))
    assert rows == set(BudgetLine.objects.values_list("pk", *names))


def test_the_sums_are_those_of_the_rows() -> None:
    sums = BudgetSum.objects.filter(measure=Measure.CURRENT)
    stated = sums.filter(kind=AmountKind.EXPENDITURE)
    assert sum(stated.values_list("amount_thousand_yen", flat=True)) == 3_673_685
    lending = sums.filter(kind=AmountKind.LENDING_LIMIT)
    assert sum(lending.values_list("amount_thousand_yen", flat=True)) == 500_000
    assert sum(sums.values_list("rows", flat=True)) == BudgetRow.objects.of_measure(Measure.CURRENT).count()
    assert set(BudgetSum.objects.filter(kind=None).values_list("amount_thousand_yen", flat=True)) == {None}


def changed_amount() -> RowChange:
    return derived_tables.update_row(a_line(), amount_thousand_yen=1)


def new_year() -> RowChange:
    return derived_tables.creation_of(of(a_line()))


def gone() -> RowChange:
    line = a_line()
    lines = BudgetLine.objects.filter(pk=line.pk)
    lines._raw_delete(lines.db)
    return derived_tables.deletion_of(line)


def renamed() -> RowChange:
    return derived_tables.update_row(a_line().project, kana="あ")


def moved_stage() -> RowChange:
    later = Stage.objects.create(code="later", name="補正", role="supplementary", position=77)
    of(a_line(), 2021, stage_id=later.pk)
    refresh_budgets(None)
    return derived_tables.update_row(later, position=0)


def stage_of_another_role() -> RowChange:
    return derived_tables.update_row(a_line().stage, role="settlement")


def february_uncovered() -> RowChange:
    """A component matters where two years are compared."""
    of(a_line(), 2022, stage_id=Stage.objects.get(code="initial").pk)
    refresh_budgets(None)
    component = StageComponent.objects.get(component__code="february")
    StageComponent.objects.filter(pk=component.pk).delete()
    return derived_tables.deletion_of(component)


def moved_department() -> RowChange:
    return derived_tables.update_row(a_line().department, position=77)


def renamed_department() -> RowChange:
    return derived_tables.update_row(a_line().department, name="別の名の部")


def printed_elsewhere() -> RowChange:
    appearance = BudgetRow.objects.of_measure(Measure.ALL).of_projects()[0].appearance
    assert appearance
    return derived_tables.update_row(appearance, fiscal_year=2022)


def moved_goal() -> RowChange:
    """Which of two listings is the first follows from where their goals stand."""
    return derived_tables.update_row(Goal.objects.get(code="1-1-1"), position=77)


@pytest.mark.parametrize(
    "change",
    [
        changed_amount,
        new_year,
        gone,
        renamed,
        moved_stage,
        stage_of_another_role,
        february_uncovered,
        moved_department,
        renamed_department,
        printed_elsewhere,
        moved_goal,
    ],
)
def test_the_rows_follow_every_change(change: Callable[[], RowChange]) -> None:
    assert has_fresh_budgets()
    changed = change()
    if change is not moved_goal:
        assert not has_fresh_budgets(), "the change is one that moves rows"
    refresh_budgets([changed])
    assert has_fresh_budgets()


def test_very_many_changes_derive_everything_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(materialized_rows, "MAX_INCREMENTAL_CHANGES", 1)
    line = a_line()
    refresh_budgets(
        [derived_tables.update_row(line, amount_thousand_yen=1), derived_tables.update_row(line.project, kana="あ")]
    )
    assert has_fresh_budgets()


def test_a_row_that_is_missing_or_says_something_else_is_found() -> None:
    assert has_fresh_budgets()
    BudgetSum.objects.filter(kind=AmountKind.EXPENDITURE).update(amount_thousand_yen=1)
    assert not has_fresh_budgets()
    refresh_budgets(None)
    assert has_fresh_budgets()
    BudgetRow.objects.in_order()[0].delete()
    assert not has_fresh_budgets()


class TestAnything(TestCase):
    @examples(20)
    @given(data=st.data())
    def test_sums_and_rows_are_what_is_counted_of_the_lines(self, data: st.DataObject) -> None:
        """Totals along the sums equal those that are counted, after any lines have come and followed."""
        lines = list(BudgetLine.objects.order_by("pk"))
        come = data.draw(st.sets(st.tuples(st.sampled_from(lines), st.sampled_from([2022, 2023])), max_size=8))
        refresh_budgets([derived_tables.creation_of(of(line, year)) for line, year in come])
        assert has_fresh_budgets()
        for year in (None, 2021, 2022, 2023):
            rows = all_rows(year)
            counted = replace(rows, sums=None)
            for column in ("department", "fiscal_year"):
                assert Total.by(column, rows) == Total.by(column, counted)
