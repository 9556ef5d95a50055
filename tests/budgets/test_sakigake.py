"""The money of the ten Sakigake projects, against sums made from the text of the print alone."""

from __future__ import annotations

import re

import pytest

from budgets.models import BudgetLine, Measure
from budgets.sakigake import Money, sakigake_money
from projects.models import Appearance, SakigakeProject
from tests.derived_tables import refresh_rows
from tests.fixtures.printed_source import fold_print, source_pages

pytestmark = pytest.mark.django_db


def money_of(number: int) -> Money:
    return sakigake_money(2021, Measure.INITIAL)[0][SakigakeProject.objects.get(number=number)]


def amounts_in_print() -> list[tuple[bool, bool, int]]:
    """(repeat, lending limit, amount) of each amount on pages 18 to 22, as the text says them."""
    text = "".join(fold_print(source_pages()[page]) for page in range(18, 23))
    found = re.findall(r"(《再掲》)?(融資枠:)?([\d,]+)千円", text)
    return [(bool(repeat), bool(lending), int(amount.replace(",", ""))) for repeat, lending, amount in found]


def test_the_three_totals_are_those_of_the_paper() -> None:
    _, everything = sakigake_money(2021, Measure.INITIAL)
    paper = amounts_in_print()
    assert everything.printed_expenditure_thousand_yen == sum(a for _, lending, a in paper if not lending)
    assert everything.distinct_expenditure_thousand_yen == sum(
        a for repeat, lending, a in paper if not lending and not repeat
    )
    assert everything.lending_limit_thousand_yen == sum(a for _, lending, a in paper if lending)
    assert everything.rows == 45
    assert everything.repeat_rows == 10
    assert everything.not_stated_rows == 3


def test_distinct_amounts_first_counted_here_add_up_to_the_whole() -> None:
    money, everything = sakigake_money(2021, Measure.INITIAL)
    assert (
        sum(own.distinct_expenditure_thousand_yen - own.counted_earlier_thousand_yen for own in money.values())
        == everything.distinct_expenditure_thousand_yen
    )


def test_what_an_earlier_number_has_counted() -> None:
    assert {project.number: amount for project, amount in money_of(10).counted_earlier.items()} == {
        4: 870_696,
        2: 1_759_412,
    }
    assert {project.number: amount for project, amount in money_of(4).counted_earlier.items()} == {3: 20_000}
    assert money_of(1).counted_earlier == {}


def test_a_project_that_states_nothing_is_not_zero() -> None:
    nine = money_of(9)
    assert (nine.rows, nine.not_stated_rows, nine.states_expenditure) == (3, 3, False)
    assert money_of(1).states_expenditure


def test_a_lending_limit_stands_apart() -> None:
    four = money_of(4)
    assert four.lending_limit_thousand_yen == 500_000
    assert four.printed_expenditure_thousand_yen == 1_154_713
    assert not money_of(1).states_lending_limit


def test_an_amount_of_the_whole_beside_named_parts_is_known_as_such() -> None:
    named = Appearance.objects.with_names()
    assert [component.is_of_whole for component in money_of(8).with_appearances(named).components] == [True, False]
    assert [component.is_of_whole for component in money_of(10).with_appearances(named).components][4] is False


def test_another_repeat_changes_what_is_printed_but_not_what_is_counted() -> None:
    _, before = sakigake_money(2021, Measure.INITIAL)
    twin = Appearance.objects.get(code="s1-1")
    twin.pk, twin.code, twin.is_repeat = Appearance._meta.pk.get_default(), "s9-4", True
    twin.sakigake_project = SakigakeProject.objects.get(number=9)
    twin.save(force_insert=True)
    _, after = sakigake_money(2021, Measure.INITIAL)
    assert after.printed_expenditure_thousand_yen == before.printed_expenditure_thousand_yen + 45_586
    assert after.distinct_expenditure_thousand_yen == before.distinct_expenditure_thousand_yen
    assert {p.number: amount for p, amount in money_of(9).counted_earlier.items()} == {1: 45_586}


def test_what_is_counted_are_the_lines_not_the_print() -> None:
    BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=1)
    refresh_rows()
    six = money_of(6)
    assert six.printed_expenditure_thousand_yen == 227_844
    assert six.distinct_expenditure_thousand_yen == 227_844 - 85_000 + 1


def test_a_year_without_components_has_no_money() -> None:
    money, everything = sakigake_money(1999, Measure.INITIAL)
    assert len(money) == 10
    assert everything.rows == 0
