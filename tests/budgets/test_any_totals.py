"""Properties of totals that hold for any rows, tested with random ones added to the plan's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from budgets.groups import group_by_area, group_by_department, group_by_sakigake
from budgets.models import BudgetLine, Measure, Stage
from budgets.sakigake import sakigake_money
from budgets.totals import Total
from catalog.models import Area, Countermeasure, Department
from dxportal.tables.registry import BUDGETS
from dxportal.tables.selections import Selection
from dxportal.tables.totals import BudgetTotal
from projects.models import AmountKind, Appearance, Project, ProjectPart, SakigakeProject
from tests.budgets.making import all_rows, printed_again
from tests.derived_tables import refresh_rows
from tests.examples import examples

few = examples(25)
AMOUNTS = st.sampled_from([0, 1, 10**15]) | st.integers(min_value=0, max_value=10**6)


def codes(queryset: Any) -> list[str]:
    return sorted(queryset.values_list("code", flat=True))


def total(query: QueryDict, **conditions: str | list[str]) -> Total:
    asked = query.copy()
    for name, value in conditions.items():
        asked.setlist(name, [value] if isinstance(value, str) else value)
    selection = Selection(BUDGETS, asked)
    assert not selection.problems, asked
    found = selection.total
    assert isinstance(found, BudgetTotal)
    return found.total


def lines_only(found: Total) -> Total:
    return replace(found, not_stated_rows=0)


def state_anything(data: st.DataObject) -> None:
    """Lines of any project or part, in either year, kind and stage, for any department."""
    stages = codes(Stage.objects)
    projects, departments = codes(Project.objects), codes(Department.objects)
    for _ in range(data.draw(st.integers(0, 12))):
        project = Project.objects.get(code=data.draw(st.sampled_from(projects)))
        parts = [None, *ProjectPart.objects.filter(project=project).order_by("code")]
        BudgetLine.objects.get_or_create(
            project=project,
            part=data.draw(st.sampled_from(parts)),
            fiscal_year=data.draw(st.sampled_from([2021, 2022])),
            stage=Stage.objects.get(code=data.draw(st.sampled_from(stages))),
            kind=data.draw(st.sampled_from(AmountKind.values)),
            defaults={
                "amount_thousand_yen": data.draw(AMOUNTS),
                "department": Department.objects.get(code=data.draw(st.sampled_from(departments))),
            },
        )
    refresh_rows()


def any_filter(data: st.DataObject) -> QueryDict:
    """A query string that asks for any of the filters of the budget table."""
    asked = QueryDict("year=2021", mutable=True)
    asked["measure"] = data.draw(st.sampled_from(Measure.values), label="measure")
    values = {
        "area": codes(Area.objects),
        "sakigake": codes(SakigakeProject.objects),
        "q": ["ＤＸ", "教育", "デジタル", "無い語"],
        "stage": codes(Stage.objects.in_use()),
    }
    for name in sorted(data.draw(st.sets(st.sampled_from(sorted(values)), max_size=2))):
        asked[name] = data.draw(st.sampled_from(values[name]), label=name)
    return asked


class TestRepeats(TestCase):
    @few
    @given(data=st.data())
    def test_a_repeat_never_changes_a_distinct_total(self, data: st.DataObject) -> None:
        state_anything(data)
        before = self.distinct()
        components = Appearance.objects.components()
        for number in range(data.draw(st.integers(1, 3))):
            code = data.draw(st.sampled_from(codes(components.filter(code__startswith="s"))))
            again = components.get(code=code)
            amount = data.draw(st.none() | AMOUNTS)
            printed_again(
                again,
                f"again-{number}",
                *again.named_parts.values_list("part__code", flat=True),
                is_repeat=data.draw(st.booleans()),
                repeat_before_parts=False,
                page=data.draw(st.integers(1, 99)),
                position=data.draw(st.integers(1, 99)),
                sakigake_project=data.draw(st.sampled_from(list(SakigakeProject.objects.in_order()))),
                printed_amount_thousand_yen=amount,
                printed_kind="" if amount is None else data.draw(st.sampled_from(AmountKind.values)),
            )
        assert self.distinct() == before

    @few
    @given(data=st.data())
    def test_a_repeat_in_the_same_area_never_changes_any_figure_of_areas(self, data: st.DataObject) -> None:
        state_anything(data)
        before = group_by_area(all_rows(2021), 2021)
        listings = Appearance.objects.listings()
        again = listings.get(code=data.draw(st.sampled_from(codes(listings))))
        area = again.countermeasure.goal.domain.area
        measures = Countermeasure.objects.filter(goal__domain__area=area)
        printed_again(
            again,
            "again",
            *again.named_parts.values_list("part__code", flat=True),
            is_repeat=data.draw(st.booleans()),
            repeat_before_parts=False,
            countermeasure=measures.get(code=data.draw(st.sampled_from(codes(measures)))),
        )
        assert group_by_area(all_rows(2021), 2021) == before

    @staticmethod
    def distinct() -> list[Any]:
        _, everything = sakigake_money(2021, Measure.INITIAL)
        return [
            Total.of(all_rows(2021)),
            group_by_department(all_rows(2021)),
            Total.of(all_rows(2021).within(Appearance.objects.components())),
            everything.distinct_expenditure_thousand_yen,
            everything.lending_limit_thousand_yen,
        ]


class TestSplits(TestCase):
    """However rows are narrowed, narrowing them further by every value in turn counts each of them once."""

    @few
    @given(data=st.data())
    def test_departments(self, data: st.DataObject) -> None:
        state_anything(data)
        asked = any_filter(data)
        groups = {group.code: group.total for group in group_by_department(Selection(BUDGETS, asked).rows)}
        one = data.draw(st.sampled_from(codes(Department.objects)))
        assert Total.together(groups.values()) == total(asked)
        assert total(asked, department=one) == groups.get(one, Total(0, 0, 0, 0, 0))
        some = data.draw(st.lists(st.sampled_from(codes(Department.objects)), min_size=1, max_size=6, unique=True))
        others = sorted(set(codes(Department.objects)) - set(some))
        assert Total.together([total(asked, department=some), total(asked, department=others)]) == total(asked)

    @few
    @given(data=st.data())
    def test_kinds_and_stages(self, data: st.DataObject) -> None:
        state_anything(data)
        asked = any_filter(data)
        whole = lines_only(total(asked))
        assert Total.together(total(asked, kind=kind) for kind in AmountKind.values) == whole
        if "stage" not in asked:
            assert Total.together(total(asked, stage=code) for code in codes(Stage.objects.in_use())) == whole

    @few
    @given(data=st.data())
    def test_amounts_at_a_point(self, data: st.DataObject) -> None:
        state_anything(data)
        asked = any_filter(data)
        point = data.draw(AMOUNTS | st.sampled_from([45_586, 500_000, 3_673_685]))
        low = total(asked, amount_max=str(point - 1)) if point else Total(0, 0, 0, 0, 0)
        assert Total.together([low, total(asked, amount_min=f"{point:,}千円")]) == lines_only(total(asked))

    @few
    @given(data=st.data())
    def test_years(self, data: st.DataObject) -> None:
        state_anything(data)
        asked = any_filter(data)
        found = Selection(BUDGETS, asked).filters.rows_of_year(None)
        years = {"2021", "2022"} & {year for year, _ in Selection(BUDGETS, asked).filters.labelled_choices("year")}
        assert Total.together(total(asked, year=year) for year in years) == Total.of(found)

    @examples(8)
    @given(data=st.data())
    def test_overlapping_groups_are_what_filters_give(self, data: st.DataObject) -> None:
        state_anything(data)
        asked = any_filter(data)
        rows = Selection(BUDGETS, asked).rows
        if "area" not in asked:
            assert {g.code: g.total for g in group_by_area(rows, 2021)} == {
                code: total(asked, area=code) for code in codes(Area.objects)
            }
        if "sakigake" not in asked:
            assert {g.code: g.total for g in group_by_sakigake(rows, 2021)} == {
                code: total(asked, sakigake=code) for code in codes(SakigakeProject.objects)
            }
