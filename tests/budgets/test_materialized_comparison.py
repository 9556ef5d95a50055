"""The comparison of each year with the one before, as it is kept, is what is computed of both; it follows changes."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from budgets.comparison import ComparedRows, ComparedTotal
from budgets.materialized_comparison import find_pairs, has_fresh_comparisons, year_before
from budgets.materialized_rows import refresh_budgets
from budgets.models import AmountChange, BudgetChange, BudgetChangeSum, BudgetLine
from dxportal.planfiles.loading import load_folder
from dxportal.tables.registry import COMPARISON_OF_ANY_YEARS
from dxportal.tables.selections import Selection
from dxportal.tables.table_filters import COMPARISON, ComparisonFilters
from dxportal.tables.table_rows import TableRows
from projects.models import Appearance, NamedPart
from tests import derived_tables
from tests.budgets.making import department, line, printed_again
from tests.derived_tables import refresh_rows
from tests.folders.generated_plan import generate_folder
from tests.plans import minamihoshi, use_plans

pytestmark = pytest.mark.django_db

ASKED = [
    "",
    "department=life",
    "department=life&department=industry",
    "q=窓口",
    "sort=-amount_thousand_yen",
    "sort=-department_name",
    "sort=project_name",
    "sort=change_thousand_yen",
]


@pytest.mark.parametrize(
    ("year", "years", "before"),
    [(2024, [2024, 2023], 2023), (2024, [2025, 2024, 2021, 2019], 2021), (2019, [2021, 2019], 2019), (5, [], 5)],
)
def test_a_year_is_compared_with_the_latest_before_it_and_the_first_with_itself(
    year: int, years: list[int], before: int
) -> None:
    assert year_before(year, years) == before


def come_and_gone() -> None:
    """Rows of which a project has moved, fallen silent, come back, and says something in three years."""
    BudgetLine.objects.filter(part__code="forms", fiscal_year=2024).update(department=department("life"))
    printed_again(Appearance.objects.get(project__code="survey"), "survey-24", fiscal_year=2024)
    printed_again(Appearance.objects.get(project__code="counter"), "counter-26", fiscal_year=2026)
    line("counter", 9, fiscal_year=2026)
    line("loans", 3, fiscal_year=2026)


@use_plans(minamihoshi)
@pytest.mark.parametrize("asked", ASKED)
def test_what_is_kept_is_what_is_computed(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    come_and_gone()
    addresses = [f"year={year}&{asked}" for year in (2023, 2024, 2026)]
    kept = [Selection(COMPARISON, QueryDict(address)) for address in addresses]
    assert all(selection.rows.arranged is not None for selection in kept)
    monkeypatch.setattr(ComparedRows, "of_neighbours", ComparedRows.of)
    computed = [Selection(COMPARISON, QueryDict(address)) for address in addresses]
    for one, other in zip(kept, computed, strict=True):
        assert other.rows.arranged is None
        assert [without_key(row) for row in one] == [without_key(row) for row in other]
        assert [without_key(row) for row in one.slice(1, 3)] == [without_key(row) for row in other][1:3]
        assert one.total == other.total


def without_key(row: object) -> dict[str, object]:
    assert isinstance(row, dict)
    return {name: value for name, value in row.items() if name != "pk"}


@pytest.mark.parametrize("years", [[2022, 2023, 2024], [2019, 2030]])
def test_the_comparisons_of_a_generated_plan_are_what_is_computed(years: list[int]) -> None:
    load_folder(generate_folder(2, years=years), replace=True)
    BudgetLine.objects.filter(project__code="p1", fiscal_year=years[-1]).update(department=department("d2"))
    BudgetLine.objects.filter(project__code="p2", fiscal_year=years[0], part=None).update(amount_thousand_yen=7)
    refresh_rows()
    for year, (base, measure) in find_pairs().items():
        kept, computed = ComparedRows.of_neighbours(base, year, measure), ComparedRows.of(base, year, measure)
        rows = [without_key(row) for row in TableRows(COMPARISON, kept.querysets)]
        assert rows == list(TableRows(COMPARISON_OF_ANY_YEARS, computed.querysets))
        assert ComparedTotal.of(kept) == ComparedTotal.of(computed)


@use_plans(minamihoshi)
class TestFollowing:
    def test_years_that_are_not_neighbours_are_computed(self) -> None:
        line("loans", 3, fiscal_year=2026)
        for address, are_kept in (("year=2026", True), ("year=2026&base=2023", False), ("year=2023&base=2024", False)):
            selection = Selection(COMPARISON, QueryDict(address))
            assert isinstance(selection.filters, ComparisonFilters)
            assert (selection.rows.arranged is not None) is are_kept
            assert len(list(selection)) == selection.count

    def test_a_year_that_comes_between_two_is_compared_with_both(self) -> None:
        line("loans", 3, fiscal_year=2026)
        assert compared() == {2022: 2022, 2023: 2022, 2024: 2023, 2026: 2024}
        come = line("loans", 3, fiscal_year=2025)
        assert compared() == {2022: 2022, 2023: 2022, 2024: 2023, 2025: 2024, 2026: 2025}
        assert has_fresh_comparisons()
        BudgetLine.objects.filter(pk=come.pk).delete()
        refresh_budgets([derived_tables.deletion_of(come)])
        assert compared() == {2022: 2022, 2023: 2022, 2024: 2023, 2026: 2024}
        assert has_fresh_comparisons()

    def test_only_the_comparisons_of_a_year_that_changed_are_derived_again(self) -> None:
        come_and_gone()
        before = {year: keys(year) for year in (2023, 2024, 2026)}
        changed = BudgetLine.objects.filter(fiscal_year=2026)[0]
        refresh_budgets([derived_tables.update_row(changed, amount_thousand_yen=77)])
        assert has_fresh_comparisons()
        assert {year for year, stored in before.items() if keys(year) != stored} == {2026}

    def test_a_row_that_says_something_else_is_found(self) -> None:
        assert has_fresh_comparisons()
        BudgetChange.objects.filter(project__code="counter", fiscal_year=2024).update(change_kind=AmountChange.SILENT)
        assert not has_fresh_comparisons()
        refresh_budgets(None)
        assert has_fresh_comparisons()
        BudgetChangeSum.objects.filter(change_kind=AmountChange.NEW).update(rows=77)
        assert not has_fresh_comparisons()

    def test_a_comparison_that_is_not_one_of_the_catalogue_is_found(self) -> None:
        for changes in (BudgetChange.objects, BudgetChangeSum.objects):
            changes.filter(fiscal_year=2024).update(base_year=2022)
        assert not has_fresh_comparisons()


def compared() -> dict[int, int]:
    assert set(BudgetChange.objects.values_list("fiscal_year", "base_year")) == set(
        BudgetChangeSum.objects.values_list("fiscal_year", "base_year")
    )
    return dict(BudgetChange.objects.order_by("fiscal_year").values_list("fiscal_year", "base_year"))


def keys(year: int) -> set[int]:
    return set(BudgetChange.objects.filter(fiscal_year=year).values_list("pk", flat=True))


def test_without_any_year_nothing_is_kept() -> None:
    BudgetLine.objects.all().delete()
    NamedPart.objects.all().delete()
    Appearance.objects.all().delete()
    refresh_rows()
    assert find_pairs() == {}
    assert not BudgetChange.objects.exists()
    assert has_fresh_comparisons()
