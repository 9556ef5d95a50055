"""A project's year as a ladder, and how much of what was available was spent."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Q
from django.http import QueryDict

from budgets.ladders import Execution, LadderLine, YearLadder, build_ladders
from budgets.models import Measure, Stage
from budgets.rows import BudgetRows
from budgets.totals import Total
from dxportal.public.projects import lines_of_project, make_ladder_line
from dxportal.tables.registry import BUDGETS
from dxportal.tables.selections import Selection
from projects.models import AmountKind, Appearance, Project
from tests.budgets.making import line

STAGES = {
    "request": ("要求", 0),
    "initial": ("当初", 1),
    "june": ("６月補正", 2),
    "february": ("２月補正", 3),
    "revised": ("補正後", 4),
    "carried_in": ("前年度からの繰越", 5),
    "settlement": ("決算", 6),
    "carried_out": ("翌年度への繰越", 7),
}
ROLES = {"june": "supplementary", "february": "supplementary"}


def made(stage: str, amount: int, year: int = 2021, kind: str = "expenditure") -> LadderLine:
    name, order = STAGES[stage]
    return LadderLine(year, kind, stage, name, ROLES.get(stage, stage), (order, stage), amount)


def steps(*lines: LadderLine) -> list[tuple[str, int, bool]]:
    return [tuple(step) for step in YearLadder(2021, AmountKind.EXPENDITURE, lines).steps]


def test_every_step_from_request_to_settlement_with_the_sums_between() -> None:
    whole = [
        made("request", 120),
        made("initial", 100),
        made("june", 30),
        made("february", -10),
        made("carried_in", 7),
        made("settlement", 90),
        made("carried_out", 20),
    ]
    assert steps(*whole) == [
        ("要求", 120, False),
        ("当初", 100, False),
        ("６月補正", 30, False),
        ("２月補正", -10, False),
        ("現計", 120, True),
        ("前年度からの繰越", 7, False),
        ("予算現額", 127, True),
        ("決算", 90, False),
        ("翌年度への繰越", 20, False),
    ]
    ladder = YearLadder(2021, AmountKind.EXPENDITURE, whole)
    assert ladder.execution_rate == pytest.approx(100 * 90 / 127)
    assert ladder.unused_thousand_yen == 17


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([made("initial", 5)], [("当初", 5, False)]),
        ([made("initial", 5), made("initial", 6)], [("当初", 11, False)]),  # two parts
        ([made("june", 5), made("revised", 105)], [("補正後", 105, False)]),
        (
            [made("initial", 100), made("june", 5), made("revised", 999)],
            [("当初", 100, False), ("６月補正", 5, False), ("現計", 105, True)],
        ),
        ([made("settlement", 5)], [("決算", 5, False)]),
    ],
)
def test_sums_stand_only_where_they_add_up_more_than_one_step(
    lines: list[LadderLine], expected: list[tuple[str, int, bool]]
) -> None:
    assert steps(*lines) == expected


@pytest.mark.parametrize(
    ("lines", "rate", "unused"),
    [
        ([made("settlement", 5)], None, None),
        ([made("initial", 0), made("settlement", 0)], None, None),
        ([made("initial", 10), made("settlement", 0)], 0, None),
        ([made("initial", 10), made("settlement", 4), made("carried_out", 0)], 40, 6),
    ],
)
def test_a_rate_needs_what_it_divides(lines: list[LadderLine], rate: float | None, unused: int | None) -> None:
    ladder = YearLadder(2021, AmountKind.EXPENDITURE, lines)
    assert (ladder.execution_rate, ladder.unused_thousand_yen) == (rate, unused)


def test_ladders_are_of_a_year_and_kind_with_more_than_one_step() -> None:
    lines = [
        made("initial", 1),
        made("initial", 2, 2022),
        made("june", 3, 2022),
        made("initial", 4, 2022, "lending_limit"),
    ]
    assert [(ladder.fiscal_year, ladder.kind) for ladder in build_ladders(lines, {})] == [(2022, "expenditure")]


def test_a_supplement_that_the_next_year_prints_with_its_initial_budget_is_told() -> None:
    combined = made("initial", 9, 2022)._replace(stage="combined")
    covered: dict[Any, dict[Any, str]] = {"combined": {"february": "２月補正"}}
    (ladder,) = build_ladders([made("initial", 1), combined], covered)
    assert (ladder.fiscal_year, ladder.included_next_year) == (2021, ["２月補正"])
    assert build_ladders([combined], covered) == []


@pytest.mark.django_db
def test_the_execution_of_a_total_counts_projects_that_state_both_and_tells_the_others() -> None:
    for project, stage, amount in (
        ("tax-system", "initial", 100),
        ("tax-system", "june", 20),
        ("tax-system", "settlement", 90),
        ("workation", "settlement", 50),
        ("sns-consultation", "initial", 70),
    ):
        line(project, amount, stage=stage, fiscal_year=2022)
    rows = BudgetRows.of(2022, Measure.SETTLEMENT)
    assert Execution.of(rows) == Execution(90, 120, 1, 2)
    assert Execution.of(rows).rate == 75
    assert Execution.of(rows.filter(Q(project__code="workation"))).rate is None
    assert Execution.of(rows.within(Appearance.objects.none())).rate is None


@pytest.mark.django_db
def test_stages_that_share_a_position_stand_in_the_order_of_their_codes_everywhere() -> None:
    """Of two balances at one position the one with the later code stands for the movements, on page and in totals."""
    for code in ("a-balance", "b-balance"):
        Stage.objects.create(code=code, name=f"補正後（{code}）", role="revised", position=7_000)
    line("tax-system", 100, stage="a-balance", fiscal_year=2022)
    line("tax-system", 105, stage="b-balance", fiscal_year=2022)
    assert Total.of(BudgetRows.of(2022, Measure.CURRENT)).expenditure_thousand_yen == 105
    lines = [make_ladder_line(values) for values in lines_of_project(Project.objects.get(code="tax-system").pk)]
    assert [tuple(step) for step in YearLadder(2022, AmountKind.EXPENDITURE, lines).steps] == [
        ("補正後（b-balance）", 105, False)
    ]


@pytest.mark.django_db
def test_a_condition_on_lines_tells_no_rate() -> None:
    """With `amount_min` some of what was available would be left out, and the rate be too high."""
    for stage, amount in (("initial", 100), ("june", 20), ("settlement", 90)):
        line("tax-system", amount, stage=stage, fiscal_year=2022)
    address = "year=2022&measure=settlement"
    assert any("執行率は75.0％" in note for note in Selection(BUDGETS, QueryDict(address)).notes)
    assert not any("執行率" in note for note in Selection(BUDGETS, QueryDict(f"{address}&amount_min=50")).notes)
