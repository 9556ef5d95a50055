"""Each section opens on the latest year in which it has something; a year that states no amount opens none of money."""

from __future__ import annotations

from uuid import UUID

import pytest

from budgets.totals import fiscal_years
from budgets.years import (
    CatalogueYears,
    YearContent,
    read_years,
    read_years_of_department,
    read_years_of_goal,
    read_years_of_sakigake_project,
)
from catalog.models import Department, Goal
from dxportal.staff.new_year import copy_appearances
from projects.models import Appearance
from tests.budgets.making import line
from tests.derived_tables import refresh_rows
from tests.plans import minamihoshi, use_plans

STAGE = "initial-with-february"
PRINTED = {
    YearContent.LISTING: {2021},
    YearContent.COMPONENT: {2021},
    YearContent.PRINTED_AMOUNT: {2021},
    YearContent.COMPONENT_AMOUNT: {2021},
    YearContent.LINE: {2021},
}
NEW_YEAR = {YearContent.LISTING: {2021, 2022}, YearContent.COMPONENT: {2021, 2022}}
SECTIONS = ("budgets", "listings", "sakigake", "check", "appearing")


@pytest.mark.parametrize(
    ("by_content", "expected"),
    [
        ({}, (0, 0, 0, 0, 0)),
        (PRINTED, (2021, 2021, 2021, 2021, 2021)),
        # a line of another year
        (PRINTED | {YearContent.LINE: {2021, 2023}}, (2023, 2021, 2021, 2021, 2021)),
        (PRINTED | {YearContent.LINE: {2019, 2021}}, (2021, 2021, 2021, 2021, 2021)),
        # a new year that states no amount yet, then one, then one of a component
        (PRINTED | NEW_YEAR, (2021, 2022, 2021, 2021, 2022)),
        (PRINTED | NEW_YEAR | {YearContent.LINE: {2021, 2022}}, (2022, 2022, 2021, 2021, 2022)),
        (
            PRINTED | NEW_YEAR | {YearContent.LINE: {2021, 2022}, YearContent.COMPONENT_AMOUNT: {2021, 2022}},
            (2022, 2022, 2022, 2021, 2022),
        ),
        # nothing printed, nothing stated
        ({YearContent.LINE: {2020, 2022}}, (2022, 2022, 2022, 2022, 2022)),
        (NEW_YEAR, (2022, 2022, 2022, 2022, 2022)),
    ],
)
def test_a_section_opens_on_its_own_latest_year(by_content: dict[str, set[int]], expected: tuple[int, ...]) -> None:
    years = CatalogueYears(by_content)
    assert tuple(getattr(years, section).default for section in SECTIONS) == expected
    for section in SECTIONS:
        assert getattr(years, section).all_years == years.all_years


@pytest.mark.parametrize(
    ("own", "amounts", "lines", "expected"),
    [
        ({2021}, {2021}, {2021, 2023}, 2021),
        ({2021, 2022}, {2021}, {2021, 2022}, 2021),
        ({2021, 2022}, set(), {2021}, 2021),
        ({2021, 2022}, set(), set(), 2022),
        (set(), set(), {2021, 2023}, 2023),
    ],
)
def test_a_page_opens_on_the_latest_year_in_which_its_own_rows_state_an_amount(
    own: set[int], amounts: set[int], lines: set[int], expected: int
) -> None:
    found = CatalogueYears({YearContent.OWN: own, YearContent.OWN_AMOUNT: amounts, YearContent.LINE: lines}).own_rows
    assert found.default == expected
    assert found.years == sorted(own | amounts, reverse=True)


def key_of_goal(code: str) -> UUID:
    return Goal.objects.current().get(code=code).pk


def key_of_department(code: str) -> UUID:
    return Department.objects.get(code=code).pk


@pytest.mark.django_db
class TestShippedPlan:
    def test_every_section_is_of_its_year(self) -> None:
        years = read_years()
        assert {getattr(years, section).default for section in SECTIONS} == {2021}
        assert years.all_years == fiscal_years() == [2021]

    def test_a_line_of_another_year_opens_the_budgets_and_its_department_alone(self) -> None:
        project = line("workation", 7, fiscal_year=2023, stage=STAGE).project
        years = read_years()
        assert [getattr(years, section).default for section in SECTIONS] == [2023, 2021, 2021, 2021, 2021]
        assert years.listings.years == years.sakigake.years == [2021]
        for department in Department.objects.all():
            expected = 2023 if department == project.department else 2021
            if read_years_of_department(department.pk).own_rows.years:
                assert read_years_of_department(department.pk).own_rows.default == expected, department
        assert read_years_of_goal(key_of_goal("1-1-1")).own_rows.default == 2021

    def test_a_new_year_without_amounts_opens_nothing_about_money(self) -> None:
        copy_appearances(2021, 2022)
        refresh_rows()
        years = read_years()
        assert [getattr(years, section).default for section in SECTIONS] == [2021, 2022, 2021, 2021, 2022]
        assert years.sakigake.years == years.budgets.years == [2022, 2021]
        for number in range(1, 11):
            assert read_years_of_sakigake_project(number).own_rows.default == 2021
        for goal in Goal.objects.current():
            assert read_years_of_goal(goal.pk).own_rows.default in {2021, 0}
        component = Appearance.objects.for_year(2022).get(code="s4-7")
        line(component.project.code, 1, fiscal_year=2022, stage=STAGE)
        assert read_years().sakigake.default == 2022
        assert read_years_of_sakigake_project(4).own_rows.default == 2022
        assert read_years_of_sakigake_project(9).own_rows.default == 2022, "it states no amount in any year"

    def test_one_query_each(self, django_assert_num_queries: object) -> None:
        goal, department = key_of_goal("1-1-1"), key_of_department("kyoiku")
        with django_assert_num_queries(4):  # type: ignore[operator]
            read_years()
            read_years_of_goal(goal)
            read_years_of_department(department)
            read_years_of_sakigake_project(1)


@pytest.mark.django_db
@use_plans(minamihoshi)
def test_a_plan_that_prints_no_amount_in_its_latest_year(catalogue: object) -> None:
    years = read_years()
    assert (years.budgets.default, years.listings.default, years.check.default) == (2024, 2024, 2023)
    assert years.check.years == [2024, 2023, 2022]
    assert (years.sakigake.default, years.sakigake.years) == (2024, [])
    assert read_years_of_sakigake_project(1).own_rows.years == []
    assert read_years_of_department(key_of_department("industry")).own_rows.default == 2024
