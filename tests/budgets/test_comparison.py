"""One year against another: every project, part and kind once, with what became of it."""

from __future__ import annotations

import pytest
from django.db.models import BigIntegerField, BooleanField, Q, Value
from django.http import QueryDict

from budgets.comparison import ComparedRows, ComparedTotal, change_between
from budgets.models import AmountChange, BudgetLine
from budgets.rows import BudgetRows
from budgets.totals import Total
from catalog.models import Department
from dxportal.planfiles.loading import load_folder
from dxportal.tables.columns import TableRow
from dxportal.tables.registry import COMPARISON
from dxportal.tables.selections import Selection
from projects.models import AmountKind, Appearance
from tests.budgets.making import department, line, printed_again
from tests.derived_tables import refresh_rows
from tests.folders.generated_plan import generate_folder
from tests.plans import minamihoshi, use_plans

pytestmark = pytest.mark.django_db

Key = tuple[str, str]  # project and part


def rows(query: str = "year=2024&base=2023") -> dict[Key, TableRow]:
    """The rows of the comparison; each project and part has one, where it has one kind of amount."""
    selection = Selection(COMPARISON, QueryDict(query))
    assert not selection.problems
    found = list(selection)
    assert len(found) == selection.count
    by_key = {(row["project_code"], row["part"] or ""): row for row in found}
    assert len(by_key) == len(found)
    return by_key


def changes(query: str = "year=2024&base=2023") -> dict[Key, AmountChange]:
    return {key: AmountChange(row["change_kind"]) for key, row in rows(query).items()}


def total(query: str = "year=2024&base=2023") -> ComparedTotal:
    found = Selection(COMPARISON, QueryDict(query)).total
    assert isinstance(found, ComparedTotal)
    return found


@pytest.mark.parametrize(
    ("before", "after", "was_there", "is_there", "change"),
    [
        (None, 5, False, True, AmountChange.NEW),
        (None, None, False, True, AmountChange.NEW),
        (5, None, True, False, AmountChange.ENDED),
        (0, None, True, False, AmountChange.ENDED),
        (None, None, True, False, AmountChange.ENDED),
        (1, 2, True, True, AmountChange.INCREASED),
        (0, 1, True, True, AmountChange.INCREASED),
        (2, 1, True, True, AmountChange.DECREASED),
        (1, 0, True, True, AmountChange.DECREASED),
        (2, 2, True, True, AmountChange.SAME),
        (0, 0, True, True, AmountChange.SAME),
        (10**15, 10**15, True, True, AmountChange.SAME),
        (None, 0, True, True, AmountChange.STATED),
        (0, None, True, True, AmountChange.UNSTATED),
        (None, None, True, True, AmountChange.SILENT),
    ],
)
def test_what_became_of_an_amount(
    before: int | None, after: int | None, was_there: bool, is_there: bool, change: AmountChange
) -> None:
    amounts = {"base_amount": Value(before, BigIntegerField()), "amount": Value(after, BigIntegerField())}
    presence = (Value(there, BooleanField()) for there in (was_there, is_there))
    found = Department.objects.annotate(**amounts).values_list(change_between(*presence), flat=True)
    assert set(found) == {change}


@use_plans(minamihoshi)
class TestMinamihoshi:
    def test_every_project_and_part_is_one_row_with_its_change(self) -> None:
        assert changes() == {
            ("online", "申請書"): AmountChange.SAME,  # 1,200 and 300 in two stages, then 1,500
            ("online", "支払い"): AmountChange.STATED,
            ("counter", ""): AmountChange.ENDED,  # with 0, which is stated
            ("survey", ""): AmountChange.ENDED,  # without an amount
            ("loans", ""): AmountChange.NEW,
        }
        assert total().changes == {
            AmountChange.SAME: 1,
            AmountChange.STATED: 1,
            AmountChange.ENDED: 2,
            AmountChange.NEW: 1,
        }
        assert total().rows == 5

    def test_the_stages_of_a_year_are_added_up(self) -> None:
        forms = rows()["online", "申請書"]
        assert (forms["base_amount_thousand_yen"], forms["amount_thousand_yen"]) == (1500, 1500)
        assert (forms["change_thousand_yen"], forms["change_percent"]) == (0, 0.0)

    def test_a_difference_is_there_only_where_both_years_state_an_amount(self) -> None:
        differences = {key: (row["change_thousand_yen"], row["change_percent"]) for key, row in rows().items()}
        assert {key for key, found in differences.items() if found != (None, None)} == {("online", "申請書")}

    def test_increased_and_decreased_with_the_percentage_of_the_base(self) -> None:
        BudgetLine.objects.filter(part__code="forms", fiscal_year=2024).update(amount_thousand_yen=2000)
        refresh_rows()
        forms = rows()["online", "申請書"]
        assert (forms["change_kind"], forms["change_thousand_yen"], forms["change_percent"]) == ("increased", 500, 33.3)
        backwards = rows("year=2023&base=2024")["online", "申請書"]
        assert (backwards["change_kind"], backwards["change_thousand_yen"], backwards["change_percent"]) == (
            "decreased",
            -500,
            -25.0,
        )

    def test_of_a_base_of_zero_there_is_no_percentage(self) -> None:
        line("counter", 9, fiscal_year=2024)
        counter = rows()["counter", ""]
        assert (counter["change_kind"], counter["change_thousand_yen"], counter["change_percent"]) == (
            "increased",
            9,
            None,
        )

    def test_an_amount_that_is_no_longer_stated_of_a_project_that_is_still_there(self) -> None:
        printed_again(Appearance.objects.get(project__code="counter"), "counter-24", fiscal_year=2024)
        assert changes()["counter", ""] is AmountChange.UNSTATED
        assert changes("year=2023&base=2024")["counter", ""] is AmountChange.STATED

    def test_a_project_that_never_states_an_amount_is_silent_in_both_years_and_one_row(self) -> None:
        printed_again(Appearance.objects.get(project__code="survey"), "survey-24", fiscal_year=2024)
        assert changes()["survey", ""] is AmountChange.SILENT
        assert total().rows == 5
        assert (total().base.not_stated_rows, total().year.not_stated_rows) == (1, 1)

    def test_a_silent_project_that_comes_is_new(self) -> None:
        assert changes("year=2023&base=2024")["survey", ""] is AmountChange.NEW

    def test_backwards_what_was_new_has_ended(self) -> None:
        assert changes("year=2023&base=2024")["loans", ""] is AmountChange.ENDED

    def test_expenditure_and_lending_limit_of_a_project_are_two_rows(self) -> None:
        line("loans", 5, fiscal_year=2024)
        line("loans", 60_000, fiscal_year=2023, kind=AmountKind.LENDING_LIMIT)
        compared = {row["kind"]: row["change_kind"] for row in Selection(COMPARISON, QueryDict("")) if row["kind"]}
        found = [row for row in Selection(COMPARISON, QueryDict("")) if row["project_code"] == "loans"]
        assert {row["kind"]: row["change_kind"] for row in found} == {
            "expenditure": "stated",
            "lending_limit": "increased",
        }
        assert set(compared) == {"expenditure", "lending_limit"}

    def test_each_row_names_the_departments_in_charge_that_year(self) -> None:
        assert (rows()["counter", ""]["base_department"], rows()["counter", ""]["department_name"]) == (
            "くらし局",
            None,
        )
        BudgetLine.objects.filter(part__code="forms", fiscal_year=2024).update(department=department("life"))
        refresh_rows()
        printed_again(
            Appearance.objects.get(project__code="survey"),
            "survey-24",
            fiscal_year=2024,
            department=department("industry"),
        )
        found = rows()
        for key, before, after in (
            (("online", "申請書"), "未来企画局", "くらし局"),
            (("online", "支払い"), "未来企画局", "未来企画局"),
            (("survey", ""), "くらし局", "しごと局"),
        ):
            assert (found[key]["base_department"], found[key]["department_name"]) == (before, after)

    def test_a_year_without_the_amount_names_the_department_that_is_printed(self) -> None:
        printed_again(
            Appearance.objects.get(project__code="counter"),
            "counter-24",
            fiscal_year=2024,
            department=department("industry"),
        )
        counter = rows()["counter", ""]
        assert (counter["base_department"], counter["department_name"]) == ("くらし局", "しごと局")
        assert list(rows())[-1] == ("loans", ""), "both stand with しごと局, in the order of their names"
        assert list(rows())[-2] == ("counter", "")

    def test_a_move_between_departments_counts_in_each_year_where_the_project_was(self) -> None:
        BudgetLine.objects.filter(part__code="forms", fiscal_year=2024).update(department=department("life"))
        refresh_rows()
        found = {each.label: each for each in total().departments}
        assert found["未来企画局"].base == Total(1500, 0, 2, 0, 0)
        assert found["未来企画局"].year == Total(800, 0, 1, 0, 0)
        assert found["くらし局"].base == Total(0, 0, 1, 0, 1)
        assert found["くらし局"].year == Total(1500, 0, 1, 0, 0)
        assert (found["しごと局"].base, found["しごと局"].year) == (None, Total(0, 70_000, 0, 1, 0))
        assert list(found) == ["未来企画局", "くらし局", "しごと局"]

    def test_a_condition_by_department_keeps_both_years_of_a_project(self) -> None:
        BudgetLine.objects.filter(part__code="forms", fiscal_year=2024).update(department=department("life"))
        refresh_rows()
        for code in ("planning", "life"):
            asked = f"year=2024&base=2023&department={code}"
            forms = rows(asked)["online", "申請書"]
            assert (forms["base_amount_thousand_yen"], forms["amount_thousand_yen"]) == (1500, 1500)
            assert total(asked).base.expenditure_thousand_yen == 1500
        assert {project for project, _ in rows("department=life")} == {"online", "counter", "survey"}
        assert {project for project, _ in rows("department=industry")} == {"loans"}

    def test_a_condition_by_kind_leaves_silence_out(self) -> None:
        assert set(changes("kind=expenditure")) == {("online", "申請書"), ("online", "支払い"), ("counter", "")}
        assert total("kind=expenditure").base == Total(1500, 0, 3, 0, 0)
        assert set(changes("kind=lending_limit")) == {("loans", "")}

    def test_a_year_against_itself_changes_nothing(self) -> None:
        assert set(changes("year=2023&base=2023").values()) == {AmountChange.SAME, AmountChange.SILENT}
        assert total("year=2023&base=2023").base == total("year=2023&base=2023").year

    def test_lines_of_other_years_play_no_part(self) -> None:
        before = changes(), total()
        line("survey", 1, fiscal_year=2022)
        line("loans", 1, fiscal_year=2025)
        assert (changes(), total()) == before

    def test_without_a_base_the_year_before_is_taken(self) -> None:
        selection = Selection(COMPARISON, QueryDict("year=2024"))
        assert selection.applied == {"year": 2024, "base": 2023}


@pytest.mark.parametrize("years", [[2022, 2023, 2024], [2019, 2030]])
def test_the_totals_of_both_years_are_those_of_each_year(years: list[int]) -> None:
    load_folder(generate_folder(2, years=years), replace=True)
    BudgetLine.objects.filter(project__code="p1", fiscal_year=years[-1]).update(department=department("d2"))
    BudgetLine.objects.filter(project__code="p2", fiscal_year=years[0], part=None).update(amount_thousand_yen=7)
    refresh_rows()
    for base in years:
        for year in years:
            found = ComparedTotal.of(ComparedRows.of(base, year))
            assert found.base == Total.of(BudgetRows.of(base))
            assert found.year == Total.of(BudgetRows.of(year))
            assert Total.together([each.year for each in found.departments if each.year]) == found.year
            assert found.rows == Selection(COMPARISON, QueryDict(f"year={year}&base={base}")).count


@pytest.mark.parametrize("condition", [Q(department__code="d2"), Q(project__code="p1"), Q(project__code="nothing")])
def test_a_narrowed_comparison_totals_the_projects_that_it_shows(condition: Q) -> None:
    load_folder(generate_folder(2, years=[2023, 2024]), replace=True)
    BudgetLine.objects.filter(project__code="p1", fiscal_year=2024).update(department=department("d2"))
    refresh_rows()
    compared = ComparedRows.of(2023, 2024).filter(condition)
    projects = {row["project"] for row in compared.compared.values("project")}
    projects |= set(compared.silent.values_list("project", flat=True))
    found = ComparedTotal.of(compared)
    for year, of_year in ((2023, found.base), (2024, found.year)):
        assert of_year == Total.of(BudgetRows.of(year).filter(Q(project__in=projects)))


@pytest.mark.parametrize("years", [[2023, 2024]])
def test_in_a_generated_plan_nothing_changes_but_what_is_changed(years: list[int]) -> None:
    load_folder(generate_folder(2, years=years), replace=True)
    assert total().changes == {AmountChange.SAME: 2, AmountChange.SILENT: 2}
    BudgetLine.objects.filter(project__code="p2", fiscal_year=2023).delete()
    Appearance.objects.filter(project__code="u1", fiscal_year=2023).delete()
    refresh_rows()
    assert changes() == {
        ("p1", ""): AmountChange.SAME,
        ("p2", ""): AmountChange.STATED,
        ("u1", ""): AmountChange.NEW,
        ("u2", ""): AmountChange.SILENT,
    }
