"""The filters of tables are filter sets as django-filter documents them: a form, its errors, a narrowed queryset."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from budgets.totals import Total
from dxportal.planfiles.loading import load_folder
from dxportal.tables.filter_choices import FilterChoices
from dxportal.tables.registry import TABLES
from dxportal.tables.table import Table
from dxportal.tables.table_filters import FILTERS, BudgetFilters, ListingFilters, ProjectFilters
from projects.models import Appearance
from tests.folders.generated_plan import generate_folder
from tests.plans import use_plans

pytestmark = pytest.mark.django_db

DISPLAY = {"sort", "group", "unit"}


def filters(table: Table, query: str = "") -> BudgetFilters:
    found: BudgetFilters = FILTERS[table](QueryDict(query), FilterChoices.read())  # type: ignore[assignment]
    return found


def of_two_years() -> None:
    load_folder(generate_folder(2, years=[2023, 2024]), replace=True)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
class TestEveryTable:
    def test_nothing_asked_is_valid_and_has_every_row_of_the_latest_year(self, table: Table) -> None:
        found = filters(table)
        assert found.is_valid()
        assert found.errors == {}
        assert list(found.form.fields) == list(found.filters)

    def test_what_is_not_understood_is_an_error_and_the_rest_narrows(self, table: Table) -> None:
        found, understood = filters(table, "department=x&department=kyoiku"), filters(table, "department=kyoiku")
        assert not found.is_valid()
        assert found.problems == ["「x」という部局はありません。"]
        assert found.parameters == understood.parameters
        assert found.parameters["department"] == ["kyoiku"]

    def test_how_rows_are_shown_comes_last_and_leaves_none_out(self, table: Table) -> None:
        names = list(filters(table).filters)
        display = [name for name in names if name in DISPLAY]
        assert names[len(names) - len(display) :] == display
        assert bool(display) == table.has_page


@use_plans(of_two_years)
class TestRows:
    def test_of_a_table_that_is_a_queryset_the_rows_are_a_narrowed_queryset(self) -> None:
        found = ListingFilters(QueryDict("year=2023&department=d1&area=1"), FilterChoices.read())
        expected = (
            Appearance.objects.current()
            .listings()
            .filter(fiscal_year=2023, department__code="d1", countermeasure__goal__domain__area__code="1")
        )
        assert expected.exists()
        assert set(found.qs) == set(expected)

    def test_an_amount_is_among_the_bounds(self) -> None:
        rows = BudgetFilters(QueryDict("year=2023"), FilterChoices.read()).qs
        amounts = sorted(rows.addends.values_list("amount_thousand_yen", flat=True))
        low, high = amounts[1], amounts[-2]
        found = BudgetFilters(QueryDict(f"year=2023&amount_min={low}&amount_max={high}"), FilterChoices.read()).qs
        expected = [amount for amount in amounts if low <= amount <= high]
        assert sorted(found.addends.values_list("amount_thousand_yen", flat=True)) == expected
        assert Total.of(found).not_stated_rows == 0

    def test_of_every_year_no_year_is_left_out(self) -> None:
        found = BudgetFilters(QueryDict("year=all"), FilterChoices.read())
        assert found.has_all_years
        assert set(found.qs.addends.values_list("fiscal_year", flat=True)) == {2023, 2024}

    def test_projects_have_no_year_to_choose(self) -> None:
        assert ProjectFilters(QueryDict("year=2023"), FilterChoices.read()).labelled_choices("year") == []


def test_a_group_of_one_year_is_not_asked_of_every_year() -> None:
    load_folder(generate_folder(1, years=[2023, 2024]), replace=True)
    found = BudgetFilters(QueryDict("year=all&group=area"), FilterChoices.read())
    assert found.problems == ["分野別に集計するには、年度を一つ選んでください。"]
    assert "group" not in found.parameters


def test_what_is_too_long_is_told_by_its_length_and_shown_again_cut() -> None:
    found = BudgetFilters(QueryDict(f"q={'a' * 1000}"), FilterChoices.read())
    (problem,) = found.problems
    assert problem.startswith("語句「" + "a" * 20 + "」：")
    assert "1000" in problem
    assert found.form["q"].value() == "a" * 200
