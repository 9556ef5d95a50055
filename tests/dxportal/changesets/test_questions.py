"""Questions about changes that are lawful but odd: each kind at its border, and the changed rows alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from budgets.models import BudgetLine, Stage, StageRole
from budgets.models.measures import MOVEMENTS
from catalog.models import Department, Plan
from catalog.row_changes import RowChange
from dxportal.changesets.confirmations import derive_questions
from dxportal.changesets.differences import diff_tables
from dxportal.changesets.questions import (
    MAX_CELLS,
    TABLES_ASKED_ABOUT,
    Question,
    QuestionKind,
    find_questions,
)
from dxportal.changesets.row_values import read_rows
from projects.models import AmountKind, Appearance, Project, ProjectPart
from tests.dxportal.changesets.change_sets import make_open_set
from tests.plans import minamihoshi, use_plans

pytestmark = pytest.mark.django_db

YEAR = 2022
Edit = Callable[[], object]


def project() -> Project:
    return Project.objects.get(code="workation")


def add_line(stage: str, amount: int, **values: Any) -> BudgetLine:
    """Add a line to a year of the project that has none in the plan."""
    facts = {"project": project(), "fiscal_year": YEAR, "department": project().department}
    return BudgetLine.objects.create(
        stage=Stage.objects.get(code=stage), amount_thousand_yen=amount, **{**facts, **values}
    )


def set_amount(line: BudgetLine, amount: int) -> object:
    return BudgetLine.objects.filter(pk=line.pk).update(amount_thousand_yen=amount)


def ask(*edits: Edit) -> list[Question]:
    return derive_questions(make_open_set(*edits))


def asked_kinds(*edits: Edit) -> list[QuestionKind]:
    return [question.kind for question in ask(*edits)]


@pytest.mark.parametrize(
    ("old", "new", "is_odd"),
    [
        (1_000, 99_999, False),
        (1_000, 100_000, True),
        (1_000, 1_000_000, True),
        (1_000, 11, False),
        (1_000, 10, True),
        (1_000, 1, True),
        (1_000, 0, True),
        (0, 5_000_000, False),
        (1, 99, False),
        (1, 100, True),
    ],
)
def test_an_amount_of_another_scale_is_asked_about(old: int, new: int, is_odd: bool) -> None:
    line = add_line("initial", old)
    assert asked_kinds(lambda: set_amount(line, new)) == ([QuestionKind.SCALE] if is_odd else [])


def test_a_reduction_of_another_scale_is_asked_about_by_its_size() -> None:
    add_line("initial", 10_000_000)
    line = add_line("february", -3_000)
    assert not asked_kinds(lambda: set_amount(line, 3_000))
    (question,) = ask(lambda: set_amount(line, -3_000_000))
    assert question.kind == QuestionKind.SCALE
    assert "△3,000千円から△3,000,000千円へ、100倍以上になります。" in question.sentence


def test_an_amount_that_becomes_zero_is_told_apart_from_none() -> None:
    line = add_line("initial", 1_000)
    (question,) = ask(lambda: set_amount(line, 0))
    assert question.sentence.endswith("1,000千円から0円になります。0円は「記載なし」とは違います。")


def test_a_line_that_replaces_a_deleted_one_is_compared_with_it() -> None:
    line = add_line("initial", 1_000)

    def replace() -> object:
        BudgetLine.objects.filter(pk=line.pk).delete()
        return add_line("initial", 1_000_000)

    (question,) = ask(replace)
    assert (question.kind, question.values) == (QuestionKind.SCALE, (1_000, 1_000_000))


def test_a_printed_amount_of_another_scale_is_asked_about() -> None:
    row = Appearance.objects.filter(printed_amount_thousand_yen__gt=0)[0]
    old = row.printed_amount_thousand_yen
    rows = Appearance.objects.filter(pk=row.pk)
    assert not asked_kinds(lambda: rows.update(printed_amount_thousand_yen=100 * old - 1))
    (question,) = ask(lambda: rows.update(printed_amount_thousand_yen=100 * old))
    assert question.kind == QuestionKind.SCALE
    assert row.printed_name in question.sentence
    assert [(cell.row, cell.old, cell.new) for cell in question.cells] == [(row.pk, old, 100 * old)]


@pytest.mark.parametrize(("year", "is_odd"), [(2015, True), (2016, False), (2027, False), (2028, True)])
def test_a_year_far_from_the_plans_period_is_asked_about(year: int, is_odd: bool) -> None:
    plan = Plan.objects.get()
    assert (plan.period_from, plan.period_to) == (2021, 2022)
    expected = [QuestionKind.YEAR] if is_odd else []
    assert asked_kinds(lambda: add_line("initial", 1, fiscal_year=year)) == expected
    moved = BudgetLine.objects.filter(pk=add_line("initial", 1).pk)
    assert asked_kinds(lambda: moved.update(fiscal_year=year)) == expected


def test_a_year_is_asked_about_once_with_its_rows() -> None:
    rows = list(Appearance.objects.order_by("pk").values_list("pk", flat=True)[: MAX_CELLS + 3])

    def move() -> object:
        add_line("initial", 1, fiscal_year=2202)
        return Appearance.objects.filter(pk__in=rows).update(fiscal_year=2202)

    of_lines, of_appearances = sorted(ask(move), key=lambda question: question.more)
    assert (len(of_lines.cells), of_lines.more) == (1, 0)
    assert (len(of_appearances.cells), of_appearances.more) == (MAX_CELLS, 3)
    assert f"掲載が{MAX_CELLS + 3}件あります。計画の期間（2021〜2022年度）から5年を超えて" in of_appearances.sentence
    assert "2202年度" in of_appearances.sentence


@pytest.mark.parametrize(("spent", "is_odd"), [(1_500, False), (1_501, True)])
def test_a_settlement_above_what_was_available_is_asked_about(spent: int, is_odd: bool) -> None:
    for stage, amount in (("initial", 1_000), ("june", 400), ("february", -100), ("carried-in", 200)):
        add_line(stage, amount)
    add_line("request", 9_999)
    questions = ask(lambda: add_line("settlement", spent))
    assert [question.kind for question in questions] == ([QuestionKind.SETTLEMENT] if is_odd else [])
    for question in questions:
        assert "決算（1,501千円）が、予算現額（1,500千円）を超えています。" in question.sentence
        stages = [cell.stage for cell in question.cells]
        assert stages == ["当初", "６月補正", "２月補正", "前年度からの繰越", "決算"]


def test_a_year_with_a_settlement_alone_has_nothing_to_exceed() -> None:
    assert not asked_kinds(lambda: add_line("settlement", 5))


def test_kinds_of_amounts_and_years_are_not_mixed() -> None:
    add_line("initial", 1_000)
    add_line("initial", 10, kind=AmountKind.LENDING_LIMIT)
    add_line("initial", 10, fiscal_year=YEAR + 1)
    assert not asked_kinds(lambda: add_line("settlement", 999))
    (question,) = ask(lambda: add_line("settlement", 11, kind=AmountKind.LENDING_LIMIT))
    assert "（融資枠）" in question.sentence
    (question,) = ask(lambda: add_line("settlement", 11, fiscal_year=YEAR + 1))
    assert "令和５年度" in question.sentence


def test_a_budget_reduced_below_its_settlement_is_asked_about() -> None:
    line = add_line("initial", 1_000)
    add_line("settlement", 900)
    assert not asked_kinds(lambda: set_amount(line, 900))
    assert asked_kinds(lambda: set_amount(line, 899)) == [QuestionKind.SETTLEMENT]
    assert not asked_kinds(lambda: BudgetLine.objects.filter(pk=line.pk).delete())


def test_a_balance_is_what_was_available_where_no_initial_is_known() -> None:
    add_line("revised", 1_000)
    assert asked_kinds(lambda: add_line("settlement", 1_001)) == [QuestionKind.SETTLEMENT]
    assert not asked_kinds(lambda: add_line("settlement", 1_000))


@pytest.mark.parametrize("stage", ["june", "adjustment"])
def test_a_supplement_without_an_initial_line_is_asked_about(stage: str) -> None:
    (question,) = ask(lambda: add_line(stage, 300))
    assert question.kind == QuestionKind.NO_INITIAL
    assert "令和４年度（2022年度）には、補正など（300千円）がありますが、当初の額がありません。" in question.sentence
    assert "補正で新しく始めた事業なら、正しいものです。" in question.hint
    add_line("initial", 0)
    assert not ask(lambda: add_line(stage, 300))


def test_an_initial_line_that_is_removed_from_beside_a_supplement_is_asked_about() -> None:
    initial = BudgetLine.objects.filter(pk=add_line("initial", 1_000).pk)
    add_line("june", 300)
    assert asked_kinds(initial.delete) == [QuestionKind.NO_INITIAL]
    assert asked_kinds(lambda: initial.update(fiscal_year=YEAR + 1)) == [QuestionKind.NO_INITIAL]


@pytest.mark.parametrize(("balance", "is_odd"), [(1_300, False), (1_299, True), (1_301, True)])
def test_a_balance_that_its_movements_do_not_reach_is_asked_about(balance: int, is_odd: bool) -> None:
    add_line("initial", 1_000)
    add_line("june", 300)
    questions = ask(lambda: add_line("revised", balance))
    assert [question.kind for question in questions] == ([QuestionKind.BALANCE] if is_odd else [])
    for question in questions:
        said = f"の「補正後」（{balance:,}千円）が、当初とそのあとの補正などの合計（1,300千円）と違います。"
        assert said in question.sentence


def test_a_balance_counts_the_movements_before_it() -> None:
    Stage.objects.filter(code="revised").update(position=Stage.objects.get(code="september").position)
    Stage.objects.filter(code="september").update(position=99)
    add_line("initial", 1_000)
    add_line("june", 300)
    add_line("revised", 1_300)
    assert not asked_kinds(lambda: add_line("september", 500))
    assert asked_kinds(lambda: set_amount(BudgetLine.objects.get(stage__code="june", fiscal_year=YEAR), 301)) == [
        QuestionKind.BALANCE
    ]


def test_a_balance_without_an_initial_line_stands_for_its_movements() -> None:
    assert not asked_kinds(lambda: add_line("revised", 1_000))


def test_balances_of_parts_are_compared_part_by_part() -> None:
    parts = [
        ProjectPart.objects.create(project=project(), code=code, name=name, position=position)
        for position, (code, name) in enumerate([("a", "甲"), ("b", "乙")], start=80)
    ]
    for part in parts:
        add_line("initial", 1_000, part=part)
    assert not asked_kinds(lambda: add_line("revised", 1_000, part=parts[0]))
    (question,) = ask(lambda: [add_line("revised", 1_000 + n, part=part) for n, part in enumerate(parts)])
    assert "（乙）の「補正後」（1,001千円）" in question.sentence
    assert not asked_kinds(lambda: add_line("revised", 2_000))
    assert asked_kinds(lambda: add_line("revised", 1_000)) == [QuestionKind.BALANCE]


def test_lines_that_did_not_change_are_not_asked_about() -> None:
    add_line("june", 300)
    add_line("settlement", 9_999)
    other = BudgetLine.objects.exclude(project=project())[0]
    assert not asked_kinds(lambda: set_amount(other, other.amount_thousand_yen + 1))
    note = BudgetLine.objects.filter(fiscal_year=YEAR)
    assert not asked_kinds(lambda: note.update(editorial_note="注"))
    assert not asked_kinds(lambda: add_line("request", 5))


def test_a_key_stays_while_the_same_is_asked_and_changes_with_the_value() -> None:
    line = add_line("initial", 1_000)

    def key_of(amount: int) -> str:
        (question,) = ask(lambda: set_amount(line, amount))
        return question.key

    assert key_of(200_000) == key_of(200_000) != key_of(300_000)


def test_cells_say_what_changes_and_what_stays() -> None:
    add_line("initial", 1_000)
    line = add_line("june", 100)

    def edit() -> object:
        set_amount(line, 200)
        return add_line("settlement", 1_201)

    (question,) = ask(edit)
    assert [(cell.stage, cell.old, cell.new) for cell in question.cells] == [
        ("当初", 1_000, 1_000),
        ("６月補正", 100, 200),
        ("決算", None, 1_201),
    ]


def as_new() -> list[RowChange]:
    """The rows that questions are about, as if all of them were new."""
    return list(diff_tables({model: {} for model in TABLES_ASKED_ABOUT}, {m: read_rows(m) for m in TABLES_ASKED_ABOUT}))


def test_the_shipped_plan_asks_nothing() -> None:
    assert BudgetLine.objects.exists()
    assert not find_questions(as_new())


@use_plans(minamihoshi)
def test_the_invented_plan_asks_at_most_about_projects_that_a_supplement_creates() -> None:
    assert BudgetLine.objects.exists()
    assert {question.kind for question in find_questions(as_new())} <= {QuestionKind.NO_INITIAL}


STAGES = ("initial", "june", "february", "revised", "carried-in", "settlement", "carried-out", "request")
ROLES_OF_KINDS = {
    QuestionKind.SETTLEMENT: {*MOVEMENTS, StageRole.REVISED, StageRole.CARRIED_IN, StageRole.SETTLEMENT},
    QuestionKind.NO_INITIAL: {*MOVEMENTS},
    QuestionKind.BALANCE: {*MOVEMENTS, StageRole.REVISED},
}
lines = st.dictionaries(
    st.tuples(
        st.sampled_from(["workation", "museum-exhibition"]), st.sampled_from([2022, 2023]), st.sampled_from(STAGES)
    ),
    st.integers(0, 3),
    max_size=12,
)


@given(before=lines, after=lines)
def test_questions_of_changes_are_those_of_all_rows_that_the_changes_concern(
    before: dict[tuple[str, int, str], int], after: dict[tuple[str, int, str], int]
) -> None:
    projects = {row.code: row for row in Project.objects.filter(code__in=["workation", "museum-exhibition"])}
    stages = {row.code: row for row in Stage.objects.all()}
    BudgetLine.objects.filter(fiscal_year__in=[2022, 2023]).delete()

    def store(wanted: dict[tuple[str, int, str], int]) -> None:
        for code, year, stage in before.keys() | after.keys():
            rows = BudgetLine.objects.filter(project=projects[code], fiscal_year=year, stage=stages[stage])
            amount = wanted.get((code, year, stage))
            if amount is None:
                rows.delete()
            elif not rows.update(amount_thousand_yen=amount):
                BudgetLine.objects.create(
                    project=projects[code],
                    fiscal_year=year,
                    stage=stages[stage],
                    amount_thousand_yen=amount,
                    department=projects[code].department,
                )

    store(before)
    old = {model: read_rows(model) for model in TABLES_ASKED_ABOUT}
    store(after)
    of_changes = find_questions(diff_tables(old, {model: read_rows(model) for model in TABLES_ASKED_ABOUT}))
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    roles = {
        (str(projects[code].pk), str(year), role): True
        for code, year, stage in changed
        for role in [stages[stage].role]
    }
    expected = {
        question.key
        for question in find_questions(as_new())
        if any((*question.subject.split("/")[:2], role) in roles for role in ROLES_OF_KINDS[question.kind])
    }
    assert {question.key for question in of_changes if question.kind in ROLES_OF_KINDS} == expected
    BudgetLine.objects.filter(fiscal_year__in=[2022, 2023]).delete()


def test_more_rows_cost_no_more_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    def changes(count: int) -> list[RowChange]:
        lines = list(BudgetLine.objects.order_by("pk")[:count])
        return [
            RowChange(BudgetLine, line.pk, {"amount_thousand_yen": 1}, {"amount_thousand_yen": 10**6}) for line in lines
        ]

    for count in (2, 20):
        rows = changes(count)
        with django_assert_num_queries(4):
            assert len(find_questions(rows)) == count


def test_other_tables_ask_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    change = RowChange(Department, Department.objects.all()[0].pk, {"name": "前"}, {"name": "後"})
    with django_assert_num_queries(0):
        assert not find_questions([change])
