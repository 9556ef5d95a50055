from __future__ import annotations

import pytest
from django.db.models import F

from budgets.models import BudgetLine
from budgets.totals import Total
from catalog.models import Department
from projects.models import AmountKind, Appearance
from tests.budgets.making import all_rows
from tests.derived_tables import refresh_rows

pytestmark = pytest.mark.django_db


def total_of_year() -> Total:
    return Total.of(all_rows(2021))


def test_a_total_says_what_it_counted_and_what_it_left_out() -> None:
    assert total_of_year() == Total(
        expenditure_thousand_yen=3_673_685,
        lending_limit_thousand_yen=500_000,
        expenditure_rows=31,
        lending_limit_rows=1,
        not_stated_rows=62,
    )
    assert total_of_year().counted_rows == 32


def test_departments_add_up_to_the_whole() -> None:
    parts = [Total.of(all_rows(2021).filter(department=department)) for department in Department.objects.all()]
    assert sum(part.expenditure_thousand_yen for part in parts) == 3_673_685
    assert sum(part.counted_rows for part in parts) == 32
    assert sum(part.not_stated_rows for part in parts) == 62


def test_repeats_change_no_total() -> None:
    before = total_of_year()
    Appearance.objects.components().update(is_repeat=True)
    Appearance.objects.components().exclude(printed_amount_thousand_yen=None).update(
        printed_amount_thousand_yen=F("printed_amount_thousand_yen") * 2
    )
    refresh_rows()
    assert total_of_year() == before


def test_a_zero_is_counted_and_nothing_stated_is_not() -> None:
    before = total_of_year()
    BudgetLine.objects.filter(project__code="sns-consultation").update(amount_thousand_yen=0)
    BudgetLine.objects.filter(project__code="childcare-ai-concierge").delete()
    refresh_rows()
    after = total_of_year()
    assert after.counted_rows == before.counted_rows - 1
    assert after.not_stated_rows == before.not_stated_rows + 1
    assert after.expenditure_thousand_yen == before.expenditure_thousand_yen - 45_586 - 28_676


def test_an_empty_scope_totals_to_nothing() -> None:
    assert Total.of(all_rows(2021).within(Appearance.objects.none())) == Total(0, 0, 0, 0, 0)


def test_a_lending_limit_is_no_expenditure() -> None:
    BudgetLine.objects.filter(project__code="yamaguchi-dx").update(kind=AmountKind.LENDING_LIMIT)
    refresh_rows()
    total = total_of_year()
    assert total.expenditure_thousand_yen == 3_673_685 - 544_600
    assert total.lending_limit_thousand_yen == 1_044_600
