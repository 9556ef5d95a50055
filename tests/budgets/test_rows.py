"""The rows of budget tables: lines, and where a project that states no amount says so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db.models import Q

from budgets.groups import group_by_area, group_by_sakigake
from budgets.models import BudgetLine
from budgets.rows import BudgetRows
from budgets.totals import Total
from catalog.models import Department
from projects.models import AmountKind, Appearance, Project, SakigakeProject
from projects.models.appearances import AppearanceQuerySet
from tests.budgets.making import all_rows, department, line, printed_again
from tests.derived_tables import refresh_rows
from tests.plans import minamihoshi, use_plans

pytestmark = pytest.mark.django_db


def of_year() -> BudgetRows:
    return all_rows(2021)


def of_area(code: str) -> AppearanceQuerySet:
    return Appearance.objects.current().listings().filter(countermeasure__goal__domain__area__code=code)


def amounts(rows: BudgetRows) -> list[int]:
    return sorted(rows.addends.values_list("amount_thousand_yen", flat=True))


def silent(rows: BudgetRows) -> set[str]:
    return set(rows.unstated.values_list("project__code", flat=True))


def cited(rows: BudgetRows, project: str) -> str:
    return rows.unstated.get(project__code=project).appearance.code


class TestSilence:
    def test_a_project_of_which_another_part_has_an_amount_elsewhere_is_silent_in_that_area_only(self) -> None:
        """Area 3 names two parts of 地域雇用創造事業 that state nothing, areas 1 and 4 the one that does."""
        assert "regional-employment" in silent(of_year().within(of_area("3")))
        assert 19_900 not in amounts(of_year().within(of_area("3")))
        for area in "14":
            assert "regional-employment" not in silent(of_year().within(of_area(area)))
            assert 19_900 in amounts(of_year().within(of_area(area)))
        assert "regional-employment" not in silent(of_year())

    def test_an_amount_of_the_whole_project_is_one_of_every_part_that_is_named(self) -> None:
        line("regional-employment", 7)
        assert "regional-employment" not in silent(of_year().within(of_area("3")))
        assert 7 in amounts(of_year().within(of_area("3")))

    def test_a_project_is_one_silent_row_however_often_it_is_printed(self) -> None:
        before = Total.of(of_year())
        for number in range(3):
            printed_again(Appearance.objects.filter(project__code="tax-system")[0], f"again-{number}", page=30 + number)
        assert Total.of(of_year()) == before

    def test_a_zero_is_no_silence(self) -> None:
        BudgetLine.objects.filter(project__code="sns-consultation").update(amount_thousand_yen=0)
        refresh_rows()
        assert "sns-consultation" not in silent(of_year())
        assert 0 in amounts(of_year())

    def test_a_line_of_another_year_breaks_no_silence(self) -> None:
        line("tax-system", 5, fiscal_year=2022)
        assert "tax-system" in silent(of_year())
        assert 5 not in amounts(of_year())
        assert "tax-system" not in silent(all_rows(2022))
        assert {"tax-system"} < silent(all_rows(None)), "silent in 2021, an amount in 2022: a row of each year"

    def test_all_that_is_silent_states_nothing_and_all_that_is_printed_is_there(self) -> None:
        rows = of_year()
        stating = set(rows.addends.values_list("project__code", flat=True))
        assert not stating & silent(rows)
        assert stating | silent(rows) == set(
            Project.objects.filter(appearances__isnull=False).values_list("code", flat=True)
        )


class TestCitation:
    def test_the_first_appearance_of_the_year_is_cited(self) -> None:
        first = of_year().unstated.get(project__code="tax-system").appearance
        printed_again(first, "earlier", page=first.page - 1)
        printed_again(first, "later", page=first.page + 1)
        assert cited(of_year(), "tax-system") == "earlier"

    @use_plans(minamihoshi)
    def test_of_two_areas_on_one_page_the_first_is_cited(self) -> None:
        """手続オンライン事業 of 2024 stands on page 3 under area 1 and, before a place is counted, under area 2."""
        BudgetLine.objects.all().delete()
        refresh_rows()
        assert cited(all_rows(2024), "online") == "1-1-1-1-1"

    def test_each_year_cites_its_own(self) -> None:
        first = of_year().unstated.get(project__code="tax-system").appearance
        printed_again(first, "next-year", fiscal_year=2022, page=1)
        assert cited(of_year(), "tax-system") == first.code
        assert cited(all_rows(2022), "tax-system") == "next-year"
        assert all_rows(None).unstated.filter(project__code="tax-system").count() == 2

    def test_a_scope_cites_the_same_place_as_the_year(self) -> None:
        """The row of a project is the same row in whichever area it is shown."""
        listed = Appearance.objects.get(code="3-2-1-1-2")
        assert cited(of_year().within(of_area("3")), "regional-employment") == "1-3-2-1-3"
        assert cited(of_year().within(Appearance.objects.filter(pk=listed.pk)), "regional-employment") == "1-3-2-1-3"


class TestNarrowing:
    def test_what_is_outside_the_scope_is_no_row_of_it(self) -> None:
        inside = of_year().within(of_area("2"))
        outside = of_year().addends.exclude(pk__in=inside.addends)
        assert inside.addends.count() == 5
        assert outside.count() == 27
        assert Total.of(inside) == Total(255_534, 0, 5, 0, 6)
        assert silent(inside) < silent(of_year())

    def test_a_line_that_nothing_printed_speaks_of_is_in_the_year_but_in_no_scope(self) -> None:
        scopes = [
            Appearance.objects.current().listings(),
            Appearance.objects.current().components(),
            Appearance.objects.filter(code="3-2-1-1-2"),  # names another part
        ]
        BudgetLine.objects.filter(part__code="career-up").delete()
        refresh_rows()
        line("regional-employment", 123, part="career-up", fiscal_year=2022)
        assert 123 in amounts(all_rows(2022))
        assert not any(123 in amounts(all_rows(2022).within(scope)) for scope in scopes)

    def test_scopes_narrow_each_other_in_either_order(self) -> None:
        area, components = of_area("1"), Appearance.objects.components().filter(sakigake_project__number=10)
        both, other_way = of_year().within(area).within(components), of_year().within(components).within(area)
        assert Total.of(both) == Total.of(other_way)
        assert set(both.addends) == set(of_year().within(area).addends) & set(of_year().within(components).addends)
        assert len(amounts(both)) == 5 < len(amounts(of_year().within(components)))

    def test_a_condition_narrows_lines_and_silence(self) -> None:
        kyoiku = of_year().filter(department__code="kyoiku")
        assert Total.of(kyoiku) == Total(1_779_412, 0, 3, 0, 14)
        assert set(kyoiku.addends.values_list("department__code", flat=True)) == {"kyoiku"}
        assert set(kyoiku.unstated.values_list("department__code", flat=True)) == {"kyoiku"}

    def test_a_condition_never_makes_a_project_silent_that_states_an_amount(self) -> None:
        """A project printed under one department with a line of another is not silent in the first."""
        BudgetLine.objects.filter(project__code="workation").update(department=department("somu"))
        refresh_rows()
        printed_under = Appearance.objects.filter(project__code="workation")[0].department
        assert printed_under.code != "somu"
        assert "workation" not in silent(of_year().filter(department=printed_under))

    def test_a_condition_on_lines_leaves_silence_out(self) -> None:
        loans = of_year().filter_lines(Q(kind=AmountKind.LENDING_LIMIT))
        assert Total.of(loans) == Total(0, 500_000, 0, 1, 0)
        assert Total.of(loans.filter(department__code="kyoiku")) == Total(0, 0, 0, 0, 0)

    def test_another_plan_is_neither_spoken_of_nor_silent(self) -> None:
        Appearance.objects.filter(code="s9-1").update(fiscal_year=2022)
        refresh_rows()
        before = Total.of(all_rows(2022))
        plan = Appearance.objects.get(code="s9-1").plan
        type(plan).objects.filter(pk=plan.pk).update(is_current=False)
        refresh_rows()
        assert before.not_stated_rows == 1
        assert Total.of(all_rows(2022)).not_stated_rows == 0


class TestSplitting:
    """Every row belongs to one department, year and kind: splitting changes neither sums nor counts."""

    @pytest.fixture(autouse=True)
    def _two_years_moves_and_loans(self) -> None:
        for year in (2022, 2023):
            line("tax-system", year, fiscal_year=year)
            line(
                "workation", 10 * year, fiscal_year=year, department=department("kyoiku"), kind=AmountKind.LENDING_LIMIT
            )
            printed_again(Appearance.objects.get(code="s9-1", fiscal_year=2021), "s9-1", fiscal_year=year)

    @pytest.mark.parametrize("scope", ["", "area", "sakigake"])
    @pytest.mark.parametrize("by", ["department", "year"])
    def test_departments_and_years_add_up(self, scope: str, by: str) -> None:
        rows = self.narrowed(scope)
        conditions = {
            "department": [Q(department=each) for each in Department.objects.all()],
            "year": [Q(fiscal_year=year) for year in (2021, 2022, 2023)],
        }[by]
        assert Total.together([Total.of(rows.filter(condition)) for condition in conditions]) == Total.of(rows)

    @pytest.mark.parametrize("scope", ["", "area", "sakigake"])
    def test_kinds_add_up_without_what_is_silent(self, scope: str) -> None:
        rows = self.narrowed(scope)
        lines = Total.of(rows.filter_lines(Q()))
        assert Total.together([Total.of(rows.filter_lines(Q(kind=kind))) for kind in AmountKind]) == lines
        whole = Total.of(rows)
        assert (lines.expenditure_thousand_yen, lines.counted_rows) == (
            whole.expenditure_thousand_yen,
            whole.counted_rows,
        )
        assert lines.not_stated_rows == 0 < whole.not_stated_rows

    @staticmethod
    def narrowed(scope: str) -> BudgetRows:
        rows = all_rows(None)
        match scope:
            case "area":
                return rows.within(of_area("3"))
            case "sakigake":
                nine = SakigakeProject.objects.filter(number__in=[6, 9])
                return rows.within(Appearance.objects.components().filter(sakigake_project__in=nine))
        return rows


def test_what_is_stored_of_a_whole_year_is_what_its_rows_come_to() -> None:
    line("tax-system", 30)
    year = of_year()
    derived = replace(year, sums=None, whole_year=None)
    assert year.whole_year == 2021
    assert Total.by("department", year) == Total.by("department", derived)
    for group in (group_by_area, group_by_sakigake):
        whole, computed = group(year, 2021), group(derived, 2021)
        assert (whole, whole.outside) == (computed, computed.outside)


def test_a_year_of_which_something_is_asked_is_no_longer_whole() -> None:
    year = of_year()
    narrowed = (
        year.filter(department=department("kyoiku")),
        year.filter_lines(Q(kind=AmountKind.EXPENDITURE)),
        year.within(of_area("1")),
        all_rows(None),
    )
    assert {rows.whole_year for rows in narrowed} == {None}
