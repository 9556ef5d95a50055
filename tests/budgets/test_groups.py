"""Groups of budget rows: those that split them add up, those that overlap are what a filter by each gives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from budgets.groups import RowGroup, group_by_area, group_by_department, group_by_sakigake, group_by_year
from budgets.rows import BudgetRows
from budgets.totals import Total
from catalog.models import Area, Department
from dxportal.planfiles.loading import load_folder
from dxportal.tables.registry import BUDGETS
from dxportal.tables.selections import Selection
from dxportal.tables.totals import BudgetTotal
from projects.models import AmountKind, Appearance, SakigakeProject
from tests.budgets.making import all_rows, department, line, printed_again
from tests.derived_tables import refresh_rows
from tests.folders.generated_plan import generate_folder
from tests.plans import use_plans

pytestmark = pytest.mark.django_db

CONDITIONS = (
    "",
    "department=kyoiku",
    "department=sogo-kikaku&department=shoko-rodo",
    "kind=expenditure",
    "kind=lending_limit",
    "amount_min=20000&amount_max=100000",
    "q=ＤＸ",
    "q=教育&department=kyoiku&amount_min=1",
    "stage=initial-with-february",
)


def three_years() -> None:
    load_folder(generate_folder(2, years=[2022, 2023, 2024]), replace=True)


def total(query: str) -> Total:
    found = Selection(BUDGETS, QueryDict(query)).total
    assert isinstance(found, BudgetTotal)
    return found.total


def groups(query: str) -> list[RowGroup]:
    selection = Selection(BUDGETS, QueryDict(query))
    assert not selection.problems
    return selection.groups


def add_up(found: Iterable[RowGroup]) -> Total:
    return Total.together([group.total for group in found])


class TestSplit:
    @pytest.mark.parametrize("condition", [*CONDITIONS, "area=3", "sakigake=10&area=1"])
    def test_departments_add_up_to_the_whole(self, condition: str) -> None:
        found = groups(f"year=2021&group=department&{condition}")
        assert add_up(found) == total(f"year=2021&{condition}")
        for group in found:
            assert group.total.rows, "a department without rows is no group"
            asked = QueryDict(f"year=2021&{condition}", mutable=True)
            asked["department"] = group.code
            assert group.total == total(asked.urlencode())

    def test_departments_stand_in_their_order_with_their_names(self) -> None:
        found = group_by_department(all_rows(2021))
        order = list(Department.objects.in_order().values_list("code", "name"))
        assert [(group.code, group.label) for group in found] == [each for each in order if each in named(found)]
        assert len(found) == 13

    @use_plans(three_years)
    @pytest.mark.parametrize("condition", ["", "department=d1", "area=1", "sakigake=2", "amount_min=2000", "q=額"])
    def test_years_add_up_to_the_whole_and_are_each_what_the_filter_gives(self, condition: str) -> None:
        found = groups(f"year=2024&group=year&{condition}")
        every = {str(year): total(f"year={year}&{condition}") for year in (2022, 2023, 2024)}
        assert {group.code: group.total for group in found} == {year: each for year, each in every.items() if each.rows}
        assert [group.code for group in found] == sorted(group.code for group in found)
        assert len(found) > 1

    def test_a_line_counts_for_the_department_of_the_line_and_silence_for_that_of_the_print(self) -> None:
        line(
            "workation",
            9,
            stage="initial-with-february",
            kind=AmountKind.LENDING_LIMIT,
            department=department("keisatsu"),
        )
        found = {group.code: group.total for group in group_by_department(all_rows(2021))}
        assert found["keisatsu"].lending_limit_thousand_yen == 9
        assert sum(each.not_stated_rows for each in found.values()) == 62


def named(found: list[RowGroup]) -> list[tuple[str, str]]:
    return [(group.code, group.label) for group in found]


class TestOverlapping:
    @pytest.mark.parametrize("condition", CONDITIONS)
    @pytest.mark.parametrize("by", ["area", "sakigake"])
    def test_each_group_is_what_the_filter_gives(self, by: str, condition: str) -> None:
        found = groups(f"year=2021&group={by}&{condition}")
        assert len(found) == {"area": 4, "sakigake": 10}[by]
        for group in found:
            assert group.total == total(f"year=2021&{by}={group.code}&{condition}"), group.label

    @pytest.mark.parametrize("condition", ["sakigake=10", "sakigake=4&kind=expenditure", "sakigake=9"])
    def test_areas_within_a_sakigake_project(self, condition: str) -> None:
        for group in groups(f"year=2021&group=area&{condition}"):
            assert group.total == total(f"year=2021&area={group.code}&{condition}"), group.label

    @pytest.mark.parametrize("condition", ["area=1", "area=3&department=kyoiku", "area=3&amount_max=50000"])
    def test_sakigake_projects_within_an_area(self, condition: str) -> None:
        for group in groups(f"year=2021&group=sakigake&{condition}"):
            assert group.total == total(f"year=2021&sakigake={group.code}&{condition}"), group.label

    @pytest.mark.parametrize("condition", ["area=1", "sakigake=4"])
    def test_a_filter_by_one_group_shows_that_group_as_the_whole(self, condition: str) -> None:
        """A group leads to the filter by it, which another filter of the same kind would contradict."""
        by, code = condition.split("=")
        (group,) = groups(f"year=2021&group={by}&{condition}")
        assert (group.code, group.total) == (code, total(f"year=2021&{condition}"))

    @use_plans(three_years)
    @pytest.mark.parametrize("year", [2022, 2023, 2024])
    def test_groups_are_those_of_the_year(self, year: int) -> None:
        for by in ("area", "sakigake"):
            for group in groups(f"year={year}&group={by}"):
                assert group.total == total(f"year={year}&{by}={group.code}"), group.label

    def test_a_part_that_is_silent_in_one_area_is_silent_in_its_group_only(self) -> None:
        before = by_code(group_by_area(all_rows(2021), 2021))
        Appearance.objects.filter(code__in=["3-2-1-1-2", "3-2-1-1-3"]).update(fiscal_year=2022)
        refresh_rows()
        after = by_code(group_by_area(all_rows(2021), 2021))
        assert before["3"].not_stated_rows - after["3"].not_stated_rows == 1
        assert before == after | {"3": before["3"]}

    @pytest.mark.parametrize("condition", CONDITIONS)
    @pytest.mark.parametrize("by", ["area", "sakigake"])
    def test_rows_in_no_group_are_those_that_no_filter_gives(self, by: str, condition: str) -> None:
        def keys(query: str) -> set[tuple[Any, ...]]:
            rows = Selection(BUDGETS, QueryDict(f"year=2021&{query}&{condition}"))
            return {(row["project_code"], row["part"], row["stage"], row["kind"]) for row in rows}

        found = Selection(BUDGETS, QueryDict(f"year=2021&group={by}&{condition}")).groups
        inside = {key for group in found for key in keys(f"{by}={group.code}")}
        assert found.outside == len(keys("") - inside)

    def test_areas_overlap_so_their_sum_exceeds_what_is_counted_once(self) -> None:
        areas, whole = group_by_area(all_rows(2021), 2021), Total.of(all_rows(2021))
        assert [group.total.expenditure_thousand_yen for group in areas] == [1_202_228, 255_534, 2_823_523, 890_596]
        listed = Total.of(all_rows(2021).within(Appearance.objects.current().listings()))
        assert add_up(areas).expenditure_thousand_yen == 5_171_881 > whole.expenditure_thousand_yen
        assert whole.expenditure_thousand_yen >= listed.expenditure_thousand_yen
        assert add_up(areas).rows > whole.rows

    def test_sakigake_projects_overlap_too(self) -> None:
        projects, whole = (
            group_by_sakigake(all_rows(2021), 2021),
            Total.of(all_rows(2021)),
        )
        assert whole.expenditure_thousand_yen == 3_673_685 < add_up(projects).expenditure_thousand_yen == 7_418_993
        assert add_up(projects).lending_limit_thousand_yen == 500_000

    def test_a_repeat_in_a_group_changes_no_figure_and_one_in_another_only_that_group(self) -> None:
        def figures() -> dict[str, Total]:
            return by_code(group_by_sakigake(all_rows(2021), 2021))

        before, one = figures(), Appearance.objects.get(code="s1-1")
        printed_again(one, "again-in-1", is_repeat=True)
        assert figures() == before
        printed_again(one, "again-in-9", sakigake_project=SakigakeProject.objects.get(number=9), is_repeat=True)
        after = figures()
        assert after["9"].expenditure_thousand_yen == 45_586
        assert after | {"9": before["9"]} == before

    def test_a_group_of_which_nothing_speaks_is_there_and_empty(self) -> None:
        Area.objects.create(
            **{field: getattr(Area.objects.get(code="4"), field) for field in ("plan", "document", "page", "name")},
            code="5",
            position=99,
        )
        assert group_by_area(all_rows(2021), 2021)[-1].total == Total(0, 0, 0, 0, 0)
        assert {group.total for group in group_by_sakigake(all_rows(1999), 1999)} == {Total(0, 0, 0, 0, 0)}

    def test_groups_stand_in_the_order_of_the_plan_with_codes_and_names(self) -> None:
        areas, projects = (
            group_by_area(all_rows(2021), 2021),
            group_by_sakigake(all_rows(2021), 2021),
        )
        assert named(areas) == [(area.code, str(area)) for area in Area.objects.order_by("position")]
        assert [group.code for group in projects] == [str(number) for number in range(1, 11)]
        assert [group.order for group in projects] == list(range(10))


@use_plans(three_years)
def test_the_number_of_queries_is_that_of_the_docstrings() -> None:
    def queries(make: Any, *arguments: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            make(*arguments)
        return len(captured)

    def rows() -> BudgetRows:
        return all_rows(2024).filter(department__code="d1")

    assert queries(group_by_department, rows()) == 2
    assert queries(group_by_year, all_rows(None)) == 1
    assert queries(group_by_area, rows(), 2024) == queries(group_by_sakigake, rows(), 2024) == 6


def by_code(found: list[RowGroup]) -> dict[str, Total]:
    return {group.code: group.total for group in found}
