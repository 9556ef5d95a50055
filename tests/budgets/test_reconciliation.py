"""Print beside count, against sums made by hand from fixtures/yamaguchi-2021/document-4.yaml, in thousand yen."""

from __future__ import annotations

from itertools import chain
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgets.balances import Balance, BalancedGroup, Comparison, sum_lines, sum_lines_by_kind, walk_comparisons
from budgets.models import BudgetLine, Measure, PrintedStage, Stage
from budgets.reconciliation import Reconciliation, balance_department, balance_project, find_mismatched_departments
from catalog.models import Department, Plan, SourceDocument
from projects.models import AmountKind, Appearance, NamedPart, SakigakeProject
from tests.budgets.making import line, printed_again
from tests.derived_tables import refresh_rows
from tests.plans import minamihoshi, use_plans

pytestmark = pytest.mark.django_db

PRINTED_BY_PROJECT = {
    1: 45_586 + 28_676,
    2: 186_678 + 20_000 + 1_572_734 + 17_325 + 124_850,
    3: 90_000 + 20_000 + 29_974,
    4: 544_600 + 48_550 + 62_000 + 10_000 + 10_104 + 81_813 + 6_000 + 271_546 + 100_100 + 20_000,
    5: 27_690 + 39_025 + 22_000 + 4_690 + 15_000 + 36_000 + 11_000,
    6: 67_000 + 85_000 + 32_844 + 43_000,
    7: 544_600,
    8: 544_600 + 6_000,
    9: None,
    10: 544_600 + 48_550 + 6_000 + 271_546 + 19_900 + 186_678 + 1_572_734,
}
# For each department in 建制順: what it is counted for, then what print repeats of that.
BY_DEPARTMENT = {
    "総務部": (17_325, 0),
    "総合企画部": (124_850 + 544_600 + 67_000 + 85_000, 3 * 544_600),
    "産業戦略部": (48_550, 48_550),
    "環境生活部": (None, 0),
    "健康福祉部": (45_586 + 28_676, 0),
    "商工労働部": (
        62_000 + 10_000 + 10_104 + 81_813 + 6_000 + 271_546 + 100_100 + 19_900,
        6_000 + 6_000 + 271_546,
    ),
    "観光スポーツ文化部": (32_844 + 43_000, 0),
    "農林水産部": (27_690 + 39_025 + 22_000 + 4_690 + 15_000 + 36_000 + 11_000, 0),
    "土木建築部": (90_000 + 20_000 + 29_974, 20_000),
    "会計管理局": (None, 0),
    "企業局": (None, 0),
    "教育庁": (186_678 + 20_000 + 1_572_734, 186_678 + 1_572_734),
    "警察本部": (None, 0),
}


def department(name: str, found: Reconciliation) -> BalancedGroup:
    return next(group for group in found.departments if str(group.subject) == name)


def unbalanced(found: Reconciliation) -> dict[str, int]:
    assert all(kind == AmountKind.EXPENDITURE for _, kind, _ in found.unbalanced)
    return {str(group.subject): amount for group, _, amount in found.unbalanced}


def test_every_sakigake_project_as_printed_and_as_counted() -> None:
    groups = Reconciliation.of(2021).projects
    balances = {group.subject.number: group.expenditure for group in groups}
    assert balances == {number: Balance(amount, 0, 0, 0, amount) for number, amount in PRINTED_BY_PROJECT.items()}
    assert [group.repeats for group in groups] == [0, 0, 0, 1, 0, 0, 1, 2, 0, 6]
    assert [group.not_stated for group in groups] == [0, 0, 0, 0, 0, 0, 0, 0, 3, 0]
    assert [[place.page for place in group.cited_components] for group in groups] == [
        [page] for page in (18, 18, 19, 19, 20, 20, 21, 21, 22, 22)
    ]


def test_all_together() -> None:
    found = Reconciliation.of(2021)
    repeated = 20_000 + 3 * 544_600 + 2 * 6_000 + 48_550 + 271_546 + 186_678 + 1_572_734
    assert found.all_projects.expenditure == Balance(7_418_993, repeated, 0, 0, 3_673_685)
    assert found.all_departments.expenditure == found.all_projects.expenditure
    assert found.all_projects.expenditure.unexplained == 0
    assert (found.all_projects.repeats, found.all_projects.not_stated) == (10, 3)


def test_every_department_in_its_order() -> None:
    found = Reconciliation.of(2021)
    assert {str(group.subject): group.expenditure for group in found.departments} == {
        name: Balance(counted and counted + repeated, repeated, 0, 0, counted)
        for name, (counted, repeated) in BY_DEPARTMENT.items()
    }
    assert [str(group.subject) for group in found.departments] == list(BY_DEPARTMENT)
    assert [place.page for place in department("商工労働部", found).cited_components] == [19, 21, 22]
    assert [place.page for place in department("商工労働部", found).cited_lending_limits] == [19]


def test_the_lending_limit_is_compared_apart() -> None:
    found = Reconciliation.of(2021)
    limit, none = Balance(500_000, 0, 0, 0, 500_000), Balance(None, 0, 0, 0, None)
    assert [group.lending_limit for group in found.projects] == [limit if n == 4 else none for n in range(1, 11)]
    assert department("商工労働部", found).lending_limit == limit
    assert found.all_projects.lending_limit == found.all_departments.lending_limit == limit


def test_the_shipped_plan_agrees_everywhere() -> None:
    found = Reconciliation.of(2021)
    assert (found.findings, found.unbalanced) == (0, [])
    assert len(found.compared) == 42


def test_another_printed_amount() -> None:
    Appearance.objects.filter(code="s8-2").update(printed_amount_thousand_yen=7_000)
    found = Reconciliation.of(2021)
    assert [(str(one.appearance), one.printed, one.counted, one.difference) for one in found.differing] == [
        ("s8-2 データサイエンス活用推進事業", 7_000, 6_000, 1_000)
    ]
    assert unbalanced(found) == {
        "8 「データ＝価値創造の源泉」利活用促進プロジェクト": 1_000,
        "商工労働部": 1_000,
        "None": 1_000,
    }
    assert found.projects[7].expenditure == Balance(551_600, 0, 0, 0, 550_600)


def test_an_amount_printed_as_another_kind() -> None:
    Appearance.objects.filter(code="s4-9").update(printed_kind=AmountKind.EXPENDITURE)
    found = Reconciliation.of(2021)
    assert [(one.kind, one.printed, one.counted) for one in found.differing] == [
        (AmountKind.EXPENDITURE, 500_000, None)
    ]
    assert found.projects[3].expenditure.unexplained == 500_000
    assert found.projects[3].lending_limit == Balance(None, 0, 500_000, 0, 500_000)


def test_a_deleted_line_leaves_an_amount_that_nothing_states() -> None:
    BudgetLine.objects.filter(project__code="workation").delete()
    found = Reconciliation.of(2021)
    assert [(one.printed, one.counted, one.difference) for one in found.differing] == [(85_000, None, 85_000)]
    assert found.projects[5].expenditure.unexplained == 85_000
    assert department("総合企画部", found).expenditure.unexplained == 85_000


def test_a_printed_zero_without_a_line_does_not_agree_although_no_sum_differs() -> None:
    Appearance.objects.filter(code="s6-2").update(printed_amount_thousand_yen=0)
    BudgetLine.objects.filter(project__code="workation").delete()
    found = Reconciliation.of(2021)
    assert [(one.printed, one.counted, one.difference) for one in found.differing] == [(0, None, 0)]
    assert found.unbalanced == []
    BudgetLine.objects.filter(project__code="sosei-telework").update(amount_thousand_yen=0)
    Appearance.objects.filter(code="s6-1").update(printed_amount_thousand_yen=0)
    assert len(Reconciliation.of(2021).differing) == 1


def test_a_line_moved_to_another_department() -> None:
    somu = Department.objects.get(code="somu")
    BudgetLine.objects.filter(project__code="yamaguchi-dx").update(department=somu)
    found = Reconciliation.of(2021)
    assert [(one.appearance.code, one.line.department) for one in found.mismatched_departments] == [("s4-1", somu)]
    assert (found.differing, found.unreferenced_lines) == ([], [])
    assert unbalanced(found) == {"総合企画部": 544_600, "総務部": -544_600}


def test_a_component_that_prints_no_amount_is_counted_all_the_same() -> None:
    """The amount is then printed in Sakigake 8 and 10 alone, and 4, which comes first, counts it without print."""
    Appearance.objects.filter(code="s4-7").update(printed_amount_thousand_yen=None, printed_kind="")
    found = Reconciliation.of(2021)
    printed = 1_154_713 - 6_000
    assert found.projects[3].expenditure == Balance(printed, 0, 6_000, 0, 1_154_713)
    assert found.all_projects.expenditure == Balance(7_418_993 - 6_000, 3_745_308, 6_000, 0, 3_673_685)
    assert found.findings == 0


def test_a_line_that_cites_a_page_on_which_nothing_speaks_of_it() -> None:
    NamedPart.objects.filter(appearance__code="s10-5").delete()
    Appearance.objects.filter(code="s10-5").delete()
    found = Reconciliation.of(2021)
    assert [(str(line.part), line.page) for line in found.unreferenced_lines] == [("求職者向けキャリアアップ支援", 22)]
    shoko = department("商工労働部", found).expenditure
    assert (shoko.outside, shoko.counted, shoko.unexplained) == (19_900, 561_463, 0)
    assert found.all_projects.expenditure.counted == 3_673_685 - 19_900
    assert found.all_departments.expenditure.counted == 3_673_685


def test_a_line_that_cites_nothing_may_stand_alone() -> None:
    line = BudgetLine.objects.get(project__code="workation")
    line.pk, line.document, line.page = BudgetLine._meta.pk.get_default(), None, None
    line.project, line.amount_thousand_yen = Appearance.objects.get(code="s9-3").project, 3
    Appearance.objects.filter(code="s9-3").delete()
    line.save(force_insert=True)
    refresh_rows()
    found = Reconciliation.of(2021)
    assert (found.findings, found.all_departments.expenditure.outside) == (0, 3)


def test_a_line_that_cites_the_print_of_another_plan_is_not_missed_in_this_one() -> None:
    former = Plan.objects.get()
    former.pk, former.code, former.is_current = Plan._meta.pk.get_default(), "former", False
    former.save(force_insert=True)
    document = SourceDocument.objects.create(plan=former, number=1, label="旧", title="旧", page_from=1, page_to=9)
    project = Appearance.objects.get(code="s9-3").project
    BudgetLine.objects.filter(project__code="workation").update(project=project, document=document, page=1)
    Appearance.objects.filter(code__in=("s9-3", "s6-2")).delete()
    assert Reconciliation.of(2021).findings == 0
    BudgetLine.objects.filter(project=project).update(document=SourceDocument.objects.get(title__contains="魁"))
    assert len(Reconciliation.of(2021).unreferenced_lines) == 1


@use_plans(minamihoshi)
def test_a_plan_without_sakigake_projects_is_compared_where_it_prints_amounts() -> None:
    found = Reconciliation.of(2023)
    assert [(one.appearance.code, one.printed, one.counted) for one in found.compared] == [
        ("1-1-1-1-1", 1_500, 1_500),
        ("1-1-1-1-2", 0, 0),
    ]
    assert (found.projects, found.findings) == ([], 0)
    assert found.all_departments.expenditure == Balance(None, 0, 0, 1_500, 1_500)
    BudgetLine.objects.filter(amount_thousand_yen=300).update(amount_thousand_yen=301)
    assert [one.difference for one in Reconciliation.of(2023).differing] == [-1]


@use_plans(minamihoshi)
def test_a_plan_that_prints_no_amount_in_a_year() -> None:
    found = Reconciliation.of(2024)
    assert (found.compared, found.findings) == ([], 0)
    assert found.all_departments.expenditure == Balance(None, 0, 0, 2_300, 2_300)
    assert found.all_departments.lending_limit == Balance(None, 0, 0, 70_000, 70_000)


def test_a_year_without_anything() -> None:
    found = Reconciliation.of(1999)
    assert (found.findings, found.compared) == (0, [])
    assert not found.all_departments.expenditure.is_stated


DEPARTMENTS = [Department(id=UUID(int=number), code=f"d{number}") for number in range(3)]


@st.composite
def years(draw: st.DrawFn) -> tuple[list[list[Comparison]], list[BudgetLine]]:
    """Any Sakigake projects with any components, printed amounts and lines, right or wrong."""
    kinds, departments = st.sampled_from(list(AmountKind)), st.sampled_from(DEPARTMENTS)
    lines = [
        BudgetLine(kind=draw(kinds), amount_thousand_yen=draw(st.integers(0, 9)), department=draw(departments))
        for _ in range(draw(st.integers(0, 6)))
    ]
    projects = []
    for _ in range(draw(st.integers(0, 4))):
        components: list[Comparison] = []
        for _ in range(draw(st.integers(0, 4))):
            own = [line for line in lines if draw(st.booleans())]
            kind = draw(kinds)
            amount = draw(st.none() | st.integers(0, 9) | st.just(sum_lines(one for one in own if one.kind == kind)))
            appearance = Appearance(
                printed_kind="" if amount is None else kind,
                printed_amount_thousand_yen=amount,
                department=draw(departments),
            )
            components += [
                Comparison(appearance, one, [line for line in own if line.kind == one]) for one in AmountKind
            ]
        projects.append(components)
    return projects, lines


def balances(group: BalancedGroup) -> list[tuple[AmountKind, Balance]]:
    return [(AmountKind.EXPENDITURE, group.expenditure), (AmountKind.LENDING_LIMIT, group.lending_limit)]


@given(years())
def test_in_a_group_walked_as_a_whole_only_differing_components_leave_a_difference(
    year: tuple[list[list[Comparison]], list[BudgetLine]],
) -> None:
    """P − R + U − M = D, where M is the sum of printed − counted of the components and D counts each line once."""
    projects, _ = year
    for components in [*projects, list(chain.from_iterable(projects))]:
        for kind, balance in balances(balance_project(SakigakeProject(), walk_comparisons(components))):
            own = [one for one in components if one.kind == kind]
            differences = sum(one.difference for one in own if one.printed is not None)
            distinct = sum({line.pk: line.amount_thousand_yen for one in own for line in one.lines}.values())
            assert (balance.counted or 0) == distinct
            assert balance.unexplained == differences
            assert (balance.printed or 0) - balance.repeated + balance.unprinted - differences == distinct


@given(years())
def test_what_a_department_leaves_unexplained_is_named_among_the_findings(
    year: tuple[list[list[Comparison]], list[BudgetLine]],
) -> None:
    projects, lines = year
    components = list(chain.from_iterable(projects))
    steps = walk_comparisons(components)
    spoken_of = {line.pk for step in steps for line in step.new}
    whole = BalancedGroup.of(
        None, steps, sum_lines_by_kind(lines), sum_lines_by_kind(line for line in lines if line.pk not in spoken_of)
    )
    counted = {one: sum_lines_by_kind(line for line in lines if line.department == one) for one in DEPARTMENTS}
    groups = [balance_department(one, steps, counted[one]) for one in DEPARTMENTS]
    for index, kind in enumerate(AmountKind):
        each = [balances(group)[index][1] for group in groups]
        total = balances(whole)[index][1]
        for field in ("printed", "repeated", "unprinted", "outside", "counted", "unexplained"):
            assert sum(getattr(one, field) or 0 for one in each) == (getattr(total, field) or 0)
        for department, balance in zip(DEPARTMENTS, each, strict=True):
            explained = sum(
                one.difference
                for one in components
                if one.kind == kind and one.printed is not None and one.appearance.department == department
            )
            for one in find_mismatched_departments(steps):
                if one.line.kind == kind:
                    explained += one.line.amount_thousand_yen * (one.appearance.department == department)
                    explained -= one.line.amount_thousand_yen * (one.line.department == department)
            assert balance.unexplained == explained


class TestStages:
    """A printed amount is held against the lines of its stage alone; the shipped plan prints 当初 with ２月補正."""

    @pytest.mark.parametrize("stage", ["june", "settlement", "carried-out", "revised"])
    def test_what_comes_after_print_is_told_and_changes_no_balance(self, stage: str) -> None:
        before = Reconciliation.of(2021)
        line("workation", 777, stage=stage, document=SourceDocument.objects.get(number=4), page=20)
        found = Reconciliation.of(2021)
        assert (found.findings, found.unbalanced) == (0, [])
        assert found.departments == before.departments
        assert [(later.stage.code, later.thousand_yen, later.rows) for later in found.later_stages] == [(stage, 777, 1)]
        assert before.later_stages == []

    def test_a_request_does_not_come_after_print(self) -> None:
        line("workation", 777, stage="request")
        found = Reconciliation.of(2021)
        assert (found.findings, found.later_stages) == (0, [])

    def test_lending_limits_of_a_later_stage_are_told_apart(self) -> None:
        line("sme-loan", -300, part="dx", stage="february", kind=AmountKind.LENDING_LIMIT)
        line("workation", 20, stage="february")
        told = [(each.kind, each.thousand_yen, each.rows) for each in Reconciliation.of(2021).later_stages]
        assert told == [(AmountKind.EXPENDITURE, 20, 1), (AmountKind.LENDING_LIMIT, -300, 1)]

    def test_a_reduction_of_a_later_stage_is_no_difference(self) -> None:
        line("workation", -777, stage="february")
        assert Reconciliation.of(2021).findings == 0

    def test_an_amount_of_the_printed_stage_alone_is_red(self) -> None:
        BudgetLine.objects.filter(project__code="workation").update(stage=Stage.objects.get(code="june"))
        refresh_rows()
        found = Reconciliation.of(2021)
        assert [(each.printed, each.counted) for each in found.differing] == [(85_000, None)]
        assert found.unbalanced

    def test_without_a_stage_of_the_document_the_opening_measure_is_held(self) -> None:
        PrintedStage.objects.all().delete()
        line("workation", 777, stage="june")
        assert Reconciliation.of(2021).findings == 0
        assert [each.printed for each in Reconciliation.of(2021, Measure.CURRENT).differing] == [85_000]
        assert department("総合企画部", Reconciliation.of(2021, Measure.CURRENT)).expenditure.counted == 821_450 + 777

    def test_a_document_that_prints_no_amount_of_a_year_has_no_stage_in_it(self) -> None:
        """A new year takes over the appearances of the year before; its 当初 is not later than a print to come."""
        for component in Appearance.objects.filter(document__number=4).exclude(sakigake_project=None):
            no_amount = {"printed_amount_thousand_yen": None, "printed_kind": ""}
            printed_again(component, component.code, fiscal_year=2022, **no_amount)
        line("workation", 700, stage="initial", fiscal_year=2022)
        line("workation", 30, stage="june", fiscal_year=2022)
        found = Reconciliation.of(2022)
        assert (found.findings, found.unbalanced) == (0, [])
        assert [later.stage.code for later in found.later_stages] == ["june"]
        assert found.all_projects.expenditure.counted == department("総合企画部", found).expenditure.counted == 700

    @use_plans(minamihoshi)
    def test_a_printed_balance_is_compared_with_its_movements(self) -> None:
        """Document 1 prints 1,500 after ６月補正: 1,200 and 300."""
        assert Reconciliation.of(2023).findings == 0
        later = Stage.objects.create(code="september", name="９月補正", role="supplementary", position=9_000)
        line("online", -5, part="forms", stage=later.code, fiscal_year=2023)
        found = Reconciliation.of(2023)
        assert found.findings == 0
        assert [each.stage.code for each in found.later_stages] == ["settlement", "carried-out", "september"]
        BudgetLine.objects.filter(fiscal_year=2023, stage__code="june").update(amount_thousand_yen=301)
        refresh_rows()
        assert [each.difference for each in Reconciliation.of(2023).differing] == [-1]
