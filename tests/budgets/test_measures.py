"""Measures: which lines add up to what, against a definition written here once more, for any lines of any roles."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from budgets.materialized_rows import has_fresh_budgets, refresh_budgets
from budgets.models import BudgetLine, BudgetRow, Measure, Stage, StageRole
from budgets.models.measures import choose_common_measure, choose_opening_measure, select_addends
from budgets.rows import BudgetRows
from budgets.totals import Total, sum_by_measure
from budgets.years import read_years
from projects.models import AmountKind, Project, ProjectPart
from tests import derived_tables
from tests.budgets.making import line
from tests.examples import examples

PROJECTS = ("tax-system", "workation", "yamaguchi-dx", "regional-employment")  # without a line, and with one
YEARS = (2021, 2022)
MOVEMENTS = {"initial", "supplementary", "adjustment"}


def define(measure: Measure, lines: list[BudgetLine]) -> list[BudgetLine]:
    """The addends among the lines of one project, year and kind, as the definitions in words say."""
    of_role = defaultdict(list)
    for each in lines:
        of_role[each.stage.role].append(each)
    initial = of_role["initial"]
    movements = [each for each in lines if each.stage.role in MOVEMENTS]
    if initial or not of_role["revised"]:
        current = movements
    else:
        last = max(each.stage.position for each in of_role["revised"])
        current = [each for each in of_role["revised"] if each.stage.position == last]
        current += [each for each in movements if each.stage.position > last]
    return {
        "initial": initial,
        "supplementary": of_role["supplementary"] + of_role["adjustment"],
        "current": current,
        "available": current + of_role["carried_in"],
        "settlement": of_role["settlement"],
        "carried_out": of_role["carried_out"],
        "request": of_role["request"],
        "all": lines,
    }[measure.value]


def grouped_lines() -> dict[tuple[Any, int, str], list[BudgetLine]]:
    groups = defaultdict(list)
    for each in BudgetLine.objects.select_related("stage"):
        groups[each.project_id, each.fiscal_year, each.kind].append(each)
    return groups


def state_anything(data: st.DataObject) -> list[BudgetLine]:
    stages = list(Stage.objects.order_by("position"))
    made = []
    for _ in range(data.draw(st.integers(1, 14))):
        project = Project.objects.get(code=data.draw(st.sampled_from(PROJECTS)))
        parts = [None, *ProjectPart.objects.filter(project=project).order_by("code")]
        made.append(
            BudgetLine.objects.get_or_create(
                project=project,
                part=data.draw(st.sampled_from(parts)),
                fiscal_year=data.draw(st.sampled_from(YEARS)),
                stage=data.draw(st.sampled_from(stages)),
                kind=data.draw(st.sampled_from(AmountKind.values)),
                defaults={
                    "amount_thousand_yen": data.draw(st.integers(0, 10**6)),
                    "department": project.department,
                },
            )
        )
    return [each for each, is_new in made if is_new]


class TestAnyLines(TestCase):
    @examples(40)
    @given(data=st.data())
    def test_rows_and_sums_of_every_measure_are_those_of_the_definition(self, data: st.DataObject) -> None:
        later = Stage.objects.create(code="revised-later", name="最終補正後", role="revised", position=5000)
        assert later.role == StageRole.REVISED
        made = state_anything(data)
        refresh_budgets([derived_tables.creation_of(each) for each in made])
        assert has_fresh_budgets()
        groups = grouped_lines()
        for measure in Measure:
            addends = [each for lines in groups.values() for each in define(measure, lines)]
            rows = BudgetRow.objects.of_measure(measure)
            stored = rows.of_lines().values_list("line", flat=True)
            assert sorted(stored) == sorted(each.pk for each in addends), measure
            stating = {(each.project_id, each.fiscal_year) for each in addends}
            of_year = set(BudgetRow.objects.of_projects().values_list("project", "fiscal_year"))
            unstated = set(rows.of_projects().values_list("project", "fiscal_year"))
            lists = measure in ("initial", "current", "available", "settlement", "all")
            assert unstated == (of_year - stating if lists else set()), measure
            for year in YEARS:
                amounts = [
                    each.amount_thousand_yen
                    for each in addends
                    if each.fiscal_year == year and each.kind == AmountKind.EXPENDITURE
                ]
                selected = BudgetRows.of(year, measure)
                total = Total.of(selected)
                assert (total.expenditure_thousand_yen, total.expenditure_rows) == (sum(amounts), len(amounts))
                if measure.has_total:
                    assert sum_by_measure(selected).get(measure) == (sum(amounts) if amounts else None)

    @examples(40)
    @given(data=st.data())
    def test_the_rule_in_memory_is_the_definition(self, data: st.DataObject) -> None:
        state_anything(data)
        for lines in grouped_lines().values():
            for measure in Measure:
                found = select_addends(measure, [(each, each.stage.role, each.stage.position) for each in lines])
                assert {each.pk for each in found} == {each.pk for each in define(measure, lines)}


@pytest.mark.django_db
class TestYear:
    """A booklet that prints ６月補正 5 and 補正後 105 and no 当初; 当初, ６月 and 決算; 決算 alone."""

    def test_a_balance_stands_for_the_movements_where_no_initial_line_is_known(self) -> None:
        line("tax-system", 5, stage="june", fiscal_year=2022)
        line("tax-system", 105, stage="revised", fiscal_year=2022)
        assert self.sums(2022) == {"supplementary": 5, "current": 105, "available": 105}
        line("tax-system", 100, stage="initial", fiscal_year=2022)
        assert self.sums(2022) == {"initial": 100, "supplementary": 5, "current": 105, "available": 105}

    def test_each_measure_has_its_rows(self) -> None:
        for stage, amount in (("initial", 100), ("june", -30), ("settlement", 60)):
            line("tax-system", amount, stage=stage, fiscal_year=2022)
        rows = {each.value: Total.of(BudgetRows.of(2022, each)).rows for each in Measure}
        assert rows == {
            "request": 0,
            "initial": 1,
            "supplementary": 1,
            "current": 2,
            "available": 2,
            "settlement": 1,
            "carried_out": 0,
            "all": 3,
        }
        assert self.sums(2022) == {
            "initial": 100,
            "supplementary": -30,
            "current": 70,
            "available": 70,
            "settlement": 60,
        }

    def test_what_is_carried_over_is_new_money_in_neither_year(self) -> None:
        line("tax-system", 100, stage="initial", fiscal_year=2022)
        line("tax-system", 40, stage="carried-out", fiscal_year=2022)
        line("tax-system", 40, stage="carried-in", fiscal_year=2023)
        assert self.sums(2022) == {"initial": 100, "current": 100, "available": 100, "carried_out": 40}
        assert self.sums(2023) == {"available": 40}

    def test_a_project_with_lines_alone_is_unstated_in_measures_that_list_it(self) -> None:
        line("tax-system", 5, stage="june", fiscal_year=2022)
        row = BudgetRow.objects.of_projects().get(fiscal_year=2022)
        assert (row.appearance, row.document, row.page) == (None, None, None)
        assert (row.in_initial, row.in_settlement, row.in_current, row.in_all) == (True, True, False, False)
        assert Total.of(BudgetRows.of(2022, Measure.INITIAL)).not_stated_rows == 1

    def test_a_year_opens_on_the_first_measure_that_it_has(self) -> None:
        for stage, opening in (
            ("request", Measure.REQUEST),
            ("settlement", Measure.SETTLEMENT),
            ("june", Measure.CURRENT),
            ("initial", Measure.INITIAL),
        ):
            line("tax-system", 9, stage=stage, fiscal_year=2022)
            assert read_years().opening_measure(2022) is opening
        assert read_years().opening_measure(2021) is Measure.INITIAL
        assert read_years().opening_measure(0) is Measure.INITIAL

    @staticmethod
    def sums(year: int) -> dict[str, int]:
        return {measure.value: amount for measure, amount in sum_by_measure(BudgetRows.of(year, Measure.ALL)).items()}


def test_two_years_are_compared_by_the_first_measure_that_both_have() -> None:
    initial, current, settlement = Measure.INITIAL, Measure.CURRENT, Measure.SETTLEMENT
    assert choose_common_measure([initial, current], [initial, current, settlement]) is initial
    assert choose_common_measure([current], [initial, current]) is current
    assert choose_common_measure([initial, settlement], [settlement]) is settlement
    assert choose_common_measure([settlement], [initial]) is settlement
    assert choose_common_measure([], [initial]) is initial
    assert choose_opening_measure([]) is initial


def test_amounts_are_added_up_in_the_module_of_measures_alone() -> None:
    """`Sum(` over row counts is no sum of amounts."""
    of_counts = ('Sum("rows")', 'Sum("projects")', "SUM(side)", "BudgetSum(", "BudgetChangeSum(", "StageSum(")
    found = set()
    for package in ("budgets", "projects", "catalog", "dxportal"):
        for file in Path(package).rglob("*.py"):
            code = file.read_text(encoding="utf-8")
            for counts in of_counts:
                code = code.replace(counts, "")
            if re.search(r"\b(Sum|SUM)\(", code) and "migrations" not in file.parts:
                found.add(str(file))
    assert found == {"budgets/models/measures.py"}
