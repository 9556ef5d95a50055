"""One year against another by one measure: every project once, with what became of it."""

from __future__ import annotations

import pytest
from django.db.models import BigIntegerField, IntegerField, Q, Value
from django.http import QueryDict

from budgets.comparison import ComparedRows, ComparedTotal, classify_change
from budgets.models import AmountChange, BudgetLine, ChangeReason, Measure, Stage, StageComponent
from budgets.rows import BudgetRows
from budgets.totals import Total
from catalog.models import Department
from dxportal.planfiles.loading import load_folder
from dxportal.tables.columns import TableRow
from dxportal.tables.registry import BUDGETS, COMPARISON
from dxportal.tables.selections import Selection
from projects.models import AmountKind, Appearance
from tests.budgets.making import department, line, printed_again
from tests.derived_tables import refresh_rows
from tests.folders.generated_plan import generate_folder
from tests.plans import minamihoshi, use_plans

pytestmark = pytest.mark.django_db

YEARS = "year=2024&base=2023&measure=current"


def rows(query: str = YEARS) -> dict[str, TableRow]:
    """The rows of the comparison by project."""
    selection = Selection(COMPARISON, QueryDict(query))
    assert not selection.problems
    found = list(selection)
    assert len(found) == selection.count
    by_key = {row["project_code"]: row for row in found}
    assert len(by_key) == len(found)
    return by_key


def changes(query: str = YEARS) -> dict[str, AmountChange]:
    return {key: AmountChange(row["change_kind"]) for key, row in rows(query).items()}


def total(query: str = YEARS) -> ComparedTotal:
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
    values = {
        "base_compared": Value(before, BigIntegerField()),
        "compared": Value(after, BigIntegerField()),
        **{
            name: Value(int(there), IntegerField())
            for name, there in (("was_there", was_there), ("is_there", is_there))
        },
        **{name: Value(3, IntegerField()) for name in ("base_coverage", "coverage")},
    }
    found = Department.objects.annotate(**values).values_list(classify_change(), flat=True)
    assert set(found) == {change}


@use_plans(minamihoshi)
class TestMinamihoshi:
    def test_every_project_is_one_row_with_its_change(self) -> None:
        assert changes() == {
            "online": AmountChange.INCREASED,  # 1,200 and 300 in two stages, then 1,500 and 800 of two parts
            "counter": AmountChange.ENDED,  # with 0, which is stated
            "survey": AmountChange.ENDED,  # without an amount
            "loans": AmountChange.NEW,
            "ferry": AmountChange.NEW,  # in a supplement
        }
        assert total().changes == {AmountChange.INCREASED: 1, AmountChange.ENDED: 2, AmountChange.NEW: 2}
        assert total().rows == 5

    def test_the_movements_of_a_year_are_added_up_in_its_current_budget_alone(self) -> None:
        online = rows()["online"]
        assert (online["base_amount_thousand_yen"], online["amount_thousand_yen"]) == (1500, 2300)
        assert (online["change_thousand_yen"], online["change_percent"]) == (800, 53.3)
        initial = rows("year=2024&base=2023")["online"]
        assert (initial["base_amount_thousand_yen"], initial["amount_thousand_yen"]) == (1200, 2300)

    def test_a_difference_is_there_only_where_both_years_state_an_amount(self) -> None:
        differences = {key: (row["change_thousand_yen"], row["change_percent"]) for key, row in rows().items()}
        assert {key for key, found in differences.items() if found != (None, None)} == {"online"}

    def test_increased_and_decreased_with_the_percentage_of_the_base(self) -> None:
        BudgetLine.objects.filter(part__code="forms", fiscal_year=2024).update(amount_thousand_yen=2000)
        refresh_rows()
        online = rows()["online"]
        assert (online["change_kind"], online["change_thousand_yen"]) == ("increased", 1300)
        assert online["change_percent"] == 86.7
        backwards = rows("year=2023&base=2024&measure=current")["online"]
        assert (backwards["change_kind"], backwards["change_thousand_yen"]) == ("decreased", -1300)
        assert backwards["change_percent"] == -46.4

    def test_of_a_base_of_zero_there_is_no_percentage(self) -> None:
        line("counter", 9, fiscal_year=2024)
        counter = rows()["counter"]
        assert (counter["change_kind"], counter["change_thousand_yen"], counter["change_percent"]) == (
            "increased",
            9,
            None,
        )

    def test_an_amount_that_is_no_longer_stated_of_a_project_that_is_still_there(self) -> None:
        printed_again(Appearance.objects.get(project__code="counter"), "counter-24", fiscal_year=2024)
        assert changes()["counter"] is AmountChange.UNSTATED
        assert changes("year=2023&base=2024")["counter"] is AmountChange.STATED

    def test_a_project_that_never_states_an_amount_is_silent_in_both_years_and_one_row(self) -> None:
        printed_again(Appearance.objects.get(project__code="survey"), "survey-24", fiscal_year=2024)
        assert changes()["survey"] is AmountChange.SILENT
        assert total().rows == 5
        assert (total().base.not_stated_rows, total().year.not_stated_rows) == (1, 1)

    def test_a_silent_project_that_comes_is_new(self) -> None:
        assert changes("year=2023&base=2024")["survey"] is AmountChange.NEW

    def test_backwards_what_was_new_has_ended(self) -> None:
        assert changes("year=2023&base=2024")["loans"] is AmountChange.ENDED

    @pytest.mark.parametrize("years", ["year=2024&base=2023", "year=2026&base=2023"])
    def test_the_reason_of_a_pair_of_years_stands_beside_the_difference(self, years: str) -> None:
        line("online", 9, fiscal_year=2026)
        project = BudgetLine.objects.filter(project__code="online")[0].project
        year = int(years[5:9])
        ChangeReason.objects.create(project=project, base_year=2023, fiscal_year=year, text="画面を改めたため。")
        found = rows(years)
        assert found["online"]["reason"] == "画面を改めたため。"
        assert {row["reason"] for code, row in found.items() if code != "online"} == {None}
        assert rows("year=2026&base=2024")["online"]["reason"] is None

    def test_a_lending_limit_has_columns_of_its_own_and_is_compared_where_nothing_else_is_stated(self) -> None:
        line("loans", 60_000, fiscal_year=2023, kind=AmountKind.LENDING_LIMIT)
        loans = rows()["loans"]
        assert (loans["base_lending_limit_thousand_yen"], loans["lending_limit_thousand_yen"]) == (60_000, 70_000)
        assert (loans["base_amount_thousand_yen"], loans["amount_thousand_yen"]) == (None, None)
        assert (loans["change_kind"], loans["change_thousand_yen"]) == ("increased", None)
        assert (loans["base_amount_state"], loans["amount_state"]) == ("stated", "stated")
        line("loans", 5, fiscal_year=2024)
        loans = rows()["loans"]
        assert (loans["change_kind"], loans["amount_thousand_yen"]) == ("stated", 5)

    def test_each_row_names_the_departments_in_charge_that_year(self) -> None:
        assert (rows()["counter"]["base_department"], rows()["counter"]["department_name"]) == (
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
            ("online", "未来企画局", "くらし局"),  # two departments in 2024: the first by name
            ("survey", "くらし局", "しごと局"),
        ):
            assert (found[key]["base_department"], found[key]["department_name"]) == (before, after)

    def test_a_year_without_the_amount_names_the_department_that_is_printed(self) -> None:
        printed_again(
            Appearance.objects.get(project__code="counter"),
            "counter-24",
            fiscal_year=2024,
            department=department("industry"),
        )
        counter = rows()["counter"]
        assert (counter["base_department"], counter["department_name"]) == ("くらし局", "しごと局")
        assert list(rows())[-1] == "loans", "both stand with しごと局, in the order of their names"
        assert list(rows())[-2] == "counter"

    def test_a_move_between_departments_counts_in_each_year_where_the_project_was(self) -> None:
        BudgetLine.objects.filter(part__code="forms", fiscal_year=2024).update(department=department("life"))
        refresh_rows()
        found = {each.label: each for each in total().departments}
        assert found["未来企画局"].base == Total(1500, 0, 2, 0, 0)
        assert found["未来企画局"].year == Total(800, 0, 1, 0, 0)
        assert found["くらし局"].base == Total(0, 0, 1, 0, 1)
        assert found["くらし局"].year == Total(1500 + 3000 - 300 + 50, 0, 4, 0, 0)
        assert (found["しごと局"].base, found["しごと局"].year) == (None, Total(0, 70_000, 0, 1, 0))
        assert list(found) == ["未来企画局", "くらし局", "しごと局"]

    def test_a_condition_by_department_keeps_both_years_of_a_project(self) -> None:
        BudgetLine.objects.filter(part__code="forms", fiscal_year=2024).update(department=department("life"))
        refresh_rows()
        for code in ("planning", "life"):
            asked = f"{YEARS}&department={code}"
            online = rows(asked)["online"]
            assert (online["base_amount_thousand_yen"], online["amount_thousand_yen"]) == (1500, 2300)
            assert total(asked).base.expenditure_thousand_yen == 1500
        assert set(rows("department=life")) == {"online", "counter", "survey", "ferry"}
        assert set(rows("department=industry")) == {"loans"}

    def test_a_year_against_itself_changes_nothing(self) -> None:
        assert set(changes("year=2023&base=2023&measure=current").values()) == {AmountChange.SAME, AmountChange.SILENT}
        assert total("year=2023&base=2023&measure=current").base == total("year=2023&base=2023&measure=current").year

    def test_lines_of_other_years_play_no_part(self) -> None:
        before = changes(), total()
        line("survey", 1, fiscal_year=2022)
        line("loans", 1, fiscal_year=2025)
        assert (changes(), total()) == before

    def test_without_a_base_the_year_before_is_taken(self) -> None:
        selection = Selection(COMPARISON, QueryDict("year=2024"))
        assert selection.applied == {"year": 2024, "base": 2023, "measure": "initial"}


@pytest.mark.parametrize("years", [[2022, 2023, 2024], [2019, 2030]])
def test_the_totals_of_both_years_are_those_of_each_year(years: list[int]) -> None:
    load_folder(generate_folder(2, years=years), replace=True)
    BudgetLine.objects.filter(project__code="p1", fiscal_year=years[-1]).update(department=department("d2"))
    BudgetLine.objects.filter(project__code="p2", fiscal_year=years[0], part=None).update(amount_thousand_yen=7)
    refresh_rows()
    for base in years:
        for year in years:
            found = ComparedTotal.of(ComparedRows.of(base, year, Measure.INITIAL))
            assert found.base == Total.of(BudgetRows.of(base, Measure.INITIAL))
            assert found.year == Total.of(BudgetRows.of(year, Measure.INITIAL))
            assert Total.together([each.year for each in found.departments if each.year]) == found.year
            assert found.rows == Selection(COMPARISON, QueryDict(f"year={year}&base={base}")).count


@pytest.mark.parametrize("condition", [Q(department__code="d2"), Q(project__code="p1"), Q(project__code="nothing")])
def test_a_narrowed_comparison_totals_the_projects_that_it_shows(condition: Q) -> None:
    load_folder(generate_folder(2, years=[2023, 2024]), replace=True)
    BudgetLine.objects.filter(project__code="p1", fiscal_year=2024).update(department=department("d2"))
    refresh_rows()
    compared = ComparedRows.of(2023, 2024, Measure.INITIAL).filter(condition)
    projects = {row["project"] for row in compared.compared.values("project")}
    found = ComparedTotal.of(compared)
    for year, of_year in ((2023, found.base), (2024, found.year)):
        assert of_year == Total.of(BudgetRows.of(year, Measure.INITIAL).filter(Q(project__in=projects)))


@pytest.mark.parametrize("years", [[2023, 2024]])
def test_in_a_generated_plan_nothing_changes_but_what_is_changed(years: list[int]) -> None:
    load_folder(generate_folder(2, years=years), replace=True)
    assert total().changes == {AmountChange.SAME: 2, AmountChange.SILENT: 2}
    BudgetLine.objects.filter(project__code="p2", fiscal_year=2023).delete()
    Appearance.objects.filter(project__code="u1", fiscal_year=2023).delete()
    refresh_rows()
    assert changes() == {
        "p1": AmountChange.SAME,
        "p2": AmountChange.STATED,
        "u1": AmountChange.NEW,
        "u2": AmountChange.SILENT,
    }


@use_plans(minamihoshi)
class TestCoverage:
    """Sides that cover different stages are told so instead of being subtracted."""

    @pytest.fixture(autouse=True)
    def _combined_stage(self) -> None:
        plain = Stage.objects.get(code="initial")
        february = Stage.objects.get(code="february")
        combined = Stage.objects.create(
            code="with-february", name="当初（前年度２月補正を含む）", role="initial", position=9
        )
        StageComponent.objects.create(stage=combined, component=plain)
        StageComponent.objects.create(stage=combined, component=february, year_offset=-1)
        of_next_year = BudgetLine.objects.filter(fiscal_year=2024, stage=plain)
        of_next_year.filter(kind=AmountKind.EXPENDITURE).update(stage=combined)
        refresh_rows()

    @pytest.mark.parametrize("measure", ["initial", "current"])
    def test_with_and_without_february_of_the_year_before(self, measure: str) -> None:
        for years in ("year=2024&base=2023", "year=2023&base=2024"):
            found = rows(f"{years}&measure={measure}")["online"]
            assert (found["change_kind"], found["change_thousand_yen"]) == ("incomparable", None)
            assert None not in (found["base_amount_thousand_yen"], found["amount_thousand_yen"])
        note = Selection(COMPARISON, QueryDict(YEARS)).notes[0]
        assert "両年度で違う1件" in note
        assert "1,500千円と5,050千円です。含む予算区分が両年度で違うので、差は示していません。" in note

    def test_the_same_coverage_in_both_years_is_subtracted(self) -> None:
        BudgetLine.objects.filter(fiscal_year=2023, stage__role="initial").update(
            stage=Stage.objects.get(code="with-february")
        )
        refresh_rows()
        assert rows("year=2024&base=2023")["online"]["change_thousand_yen"] == 1100
        assert "になりました（+1,100千円）" in Selection(COMPARISON, QueryDict("year=2024&base=2023")).notes[0]

    @pytest.mark.parametrize("query", ["", "&department=planning"])
    def test_totals_of_other_projects_that_cover_other_stages_are_not_subtracted(self, query: str) -> None:
        BudgetLine.objects.filter(project__code="online", fiscal_year=2024).delete()
        line("survey", 7, stage="with-february", fiscal_year=2024, department=department("planning"))
        found = total(f"year=2024&base=2023{query}")
        assert (found.changes.get(AmountChange.INCOMPARABLE), found.covers_the_same) == (None, False)

    def test_a_total_says_what_it_includes(self) -> None:
        note = Selection(BUDGETS, QueryDict("year=2024")).notes[0]
        assert "前年度の２月補正と当初を合わせた額（当初（前年度２月補正を含む））を含みます" in note
        assert "を合わせた額" not in Selection(BUDGETS, QueryDict("year=2023")).notes[0]


@use_plans(minamihoshi)
def test_two_years_are_compared_by_the_first_measure_that_both_have() -> None:
    settlement = Stage.objects.get(code="settlement")
    BudgetLine.objects.filter(fiscal_year=2023).exclude(stage__role="initial").delete()
    BudgetLine.objects.filter(fiscal_year=2023).update(stage=settlement)
    BudgetLine.objects.filter(project__code__in=("loans", "ferry")).delete()
    refresh_rows()
    assert Selection(COMPARISON, QueryDict("year=2024&base=2023")).applied["measure"] == "initial", "none in common"
    BudgetLine.objects.filter(fiscal_year=2024, part__code="forms", stage__role="initial").update(stage=settlement)
    refresh_rows()
    selection = Selection(COMPARISON, QueryDict("year=2024&base=2023"))
    assert selection.applied["measure"] == "settlement"
    assert selection.title == "令和５年度（2023年度）と令和６年度（2024年度）の決算額の比較"
