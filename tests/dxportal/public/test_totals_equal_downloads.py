"""Every total that a page shows is what somebody gets who adds up the file that the page offers."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from django.test import Client

from budgets.models import BudgetLine, PrintedStage
from catalog.models import Department
from dxportal.money_and_years import money
from dxportal.planfiles.loading import load_folder
from projects.models import AmountKind, SakigakeProject
from tests.budgets.making import department, line
from tests.derived_tables import refresh_rows
from tests.dxportal.public.reading_figures import (
    AMOUNT_LABELS,
    Cell,
    Counted,
    Line,
    Numbers,
    Site,
    amount,
    distinct,
    stated_amount,
)
from tests.folders.generated_plan import generate_folder
from tests.plans import PlanLoader, minamihoshi, use_plans

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

GROUPS = ("", "group=department", "group=area", "group=sakigake", "group=year")
COLUMNS = ("融資枠", "額の記載あり（件）", "額の記載なし（件）")
PRINTED = "資料に記載の額（千円）"
CONDITIONS = (
    "",
    "area=3&unit=words",
    "sakigake=4&amount_min=20000",
    "q=ＤＸ&department=shoko-rodo&department=sogo-kikaku",
)


@pytest.fixture
def site(client: Client) -> Site:
    return Site(client)


@pytest.fixture
def years(catalogue: PlanLoader | None) -> list[int]:
    """The years of the plan."""
    return {None: [2021], minamihoshi: [2022, 2023, 2024]}.get(catalogue, [2023, 2024])


def two_years_that_overlap() -> None:
    """A generated plan of two years in which areas and Sakigake projects overlap, with loans and a moved project."""
    load_folder(generate_folder(2, years=[2023, 2024]), replace=True)
    line("p1", 70_000, fiscal_year=2024, stage="s1", kind=AmountKind.LENDING_LIMIT, department=department("d2"))
    line("p2", 5, part="t2", fiscal_year=2023, stage="s2")
    BudgetLine.objects.filter(project__code="p2", fiscal_year=2024).update(department=department("d2"))
    PrintedStage.objects.all().delete()  # so that print is held against what the files of the year hold
    refresh_rows()


def check_budgets(site: Site, query: str) -> None:
    """The figures above the table, in its sentence and of each group, against the file of each."""
    page = site.page(f"/budgets/?{query}")
    own = Counted.of(site.own_file(page))
    check_total(page.terms, page.text, own)
    assert page.said(r"ダウンロード（([\d,]+)件）") == own.stated + own.silent
    assert page.said(r"事業の一覧（([\d,]+)件）") == (own.stated + own.silent or None)
    if "group=" not in query:
        rows = site.twin(f"/budgets/?{query}")
        for column, total in (
            ("amount_thousand_yen", own.expenditure),
            ("lending_limit_thousand_yen", own.lending_limit),
        ):
            assert sum(row[column] or 0 for row in rows) == (total or 0)
        states = [row["amount_state"] for row in rows]
        assert (len(rows), states.count("not_stated")) == (own.stated + own.silent, own.silent)
        return
    *groups, last = page.table("別の").rows
    if "group=year" in query:
        groups = [*groups, last]
    else:
        assert figures_of(last) == own.numbers
    for row in groups:
        (label, *_) = row.values()
        assert figures_of(row) == Counted.of(site.behind(label.href)).numbers, (query, label)


def figures_of(row: dict[str, Cell]) -> Numbers:
    """The figures of a group: the amount, whatever its measure calls it, and those of `COLUMNS`."""
    (label,) = (name for name in row if name in AMOUNT_LABELS)
    return tuple(row[name].amount for name in (label, *COLUMNS))


def check_total(terms: dict[str, str], text: str, own: Counted) -> None:
    labels = [label for label in terms if label in AMOUNT_LABELS]
    assert bool(labels) == bool(own.stated)
    if own.stated:
        assert amount(terms[labels[0]]) == own.expenditure
        assert amount(terms.get("融資枠（予算額には含めません）", "")) == own.lending_limit
    said = "".join(text.split())
    if own.expenditure is not None:
        assert f"額の合計は{money(own.expenditure)}です（" in said
    else:
        assert "額の記載はありません。" in said
    assert (f"{own.lending_limit or 0:,}千円あり、予算額には含めていません。" in said) == bool(own.lending_limit)
    assert (f"額が載っていない{own.silent:,}件は合計に含みません。" in said) == bool(own.silent)


class TestBudgets:
    @pytest.mark.parametrize("condition", CONDITIONS)
    @pytest.mark.parametrize("group", GROUPS)
    def test_of_the_shipped_plan(self, site: Site, group: str, condition: str) -> None:
        check_budgets(site, f"year=2021&{group}&{condition}")

    @pytest.mark.parametrize("condition", ["kind=lending_limit", "department=kaikei-kanri", "q=無い語"])
    def test_where_there_is_nothing_to_add_up(self, site: Site, condition: str) -> None:
        check_budgets(site, f"year=2021&{condition}")

    @use_plans(minamihoshi)
    @pytest.mark.parametrize("condition", ["", "department=planning"])
    def test_of_two_years(self, site: Site, condition: str) -> None:
        for year in (2023, 2024):
            for group in ("", "group=department", "group=area", "group=year"):
                check_budgets(site, f"year={year}&{group}&{condition}")

    @use_plans(two_years_that_overlap)
    @pytest.mark.parametrize("condition", ["", "department=d1", "area=1&unit=words", "sakigake=1", "kind=expenditure"])
    def test_of_every_year_together(self, site: Site, condition: str) -> None:
        for group in ("", "group=department", "group=year"):
            check_budgets(site, f"year=all&{group}&{condition}")

    @use_plans(two_years_that_overlap)
    @pytest.mark.parametrize("condition", ["", "area=1&kind=expenditure"])
    def test_of_two_years_with_groups_that_overlap(self, site: Site, condition: str) -> None:
        for group in GROUPS:
            check_budgets(site, f"year=2024&{group}&{condition}")


@use_plans(None, minamihoshi, two_years_that_overlap)
def test_departments(site: Site, years: list[int]) -> None:
    for year in years:
        whole = Counted.of(site.file(f"/budgets.csv?year={year}")).expenditure
        for code in Department.objects.values_list("code", flat=True):
            page = site.page(f"/departments/{code}/?year={year}")
            lines = site.file(f"/budgets.csv?year={year}&department={code}")
            own = Counted.of(lines)
            check_total(page.terms, page.text, own)
            if not lines:
                continue
            assert f"/budgets/?year={year}&department={code}" in page.links
            assert f"/budgets.xlsx?year={year}&department={code}" in page.files
            assert page.said(r"この部局の([\d,]+)件") == len(lines)
            if own.expenditure is not None and whole:
                assert f"額の{100 * own.expenditure / whole:.1f}％" in page.text
            if own.stated:
                rows = page.table("予算額の表").rows
                assert Counter((row["種別"].text, row["額"].amount) for row in rows) == Counter(
                    (line["種別"], int(stated_amount(line))) for line in lines if stated_amount(line)
                )


@use_plans(None, two_years_that_overlap)
class TestSakigake:
    @staticmethod
    def files(site: Site, year: int) -> dict[SakigakeProject, tuple[list[Line], list[Line]]]:
        """For each Sakigake project what is printed of it and what is counted for it."""
        return {
            project: (
                site.file(f"/sakigake.csv?year={year}&sakigake={project.code}"),
                site.file(f"/budgets.csv?year={year}&sakigake={project.code}"),
            )
            for project in SakigakeProject.objects.current().in_order()
        }

    def test_the_list(self, site: Site, years: list[int]) -> None:
        for year in years:
            page, files = site.page(f"/sakigake/?year={year}"), self.files(site, year)
            *rows, everything = page.table("再掲を除いた額を分けて示します").rows
            names = ("資料に記載の額（再掲を含む）", "再掲を除いた額", "融資枠", "額の記載なし（件）")
            seen: list[list[Line]] = []
            for (project, (printed, counted)), row in zip(files.items(), rows, strict=True):
                assert row["名称"].text == project.name
                assert [row[name].amount for name in names] == self.figures(printed, counted)
                earlier = distinct(seen)
                again = [each for each in counted if each in earlier and each["種別"] == "予算額"]
                shown = row["うち、他のプロジェクトと重複する額"].amount
                assert (shown or 0) == (Counted.of(again).expenditure or 0)
                seen.append(counted)
            printed, counted = site.file(f"/sakigake.csv?year={year}"), distinct(own for _, own in files.values())
            assert [everything[name].amount for name in names] == self.figures(printed, counted)
            check_components(page.text, printed, counted)
            assert site.own_file(page) == printed

    def test_each_project(self, site: Site, years: list[int]) -> None:
        for year in years:
            for project, (printed, counted) in self.files(site, year).items():
                page = site.page(f"/sakigake/{project.number}/?year={year}")
                assert site.own_file(page) == printed
                shown = [
                    amount(page.terms.get(term, ""))
                    for term in (
                        "資料に記載の額（再掲を含む）",
                        "プロジェクト内の重複を除いた額",
                        "融資枠（予算額には含めません）",
                    )
                ]
                assert shown == self.figures(printed, counted)[:3]
                repeats = sum(row["再掲"] == "再掲" for row in printed)
                silent = sum(not stated_amount(row, PRINTED) for row in printed)
                assert f"構成事業{len(printed)}件のうち、再掲{repeats}件、額の記載なし{silent}件です。" in page.text
                assert len(page.table("構成事業の表").rows) == len(printed)

    @pytest.mark.parametrize("condition", ["sakigake=2", "kind=expenditure", "q=事業&sakigake=1"])
    def test_narrowed_components(self, site: Site, years: list[int], condition: str) -> None:
        for year in years:
            page = site.page(f"/sakigake/?year={year}&{condition}")
            printed = site.own_file(page)
            assert page.said(r"ダウンロード（([\d,]+)件）") == len(printed)
            assert page.said(r"構成事業は([\d,]+)件です。") == len(printed)
            assert page.said(r"資料に記載の額の合計は([\d,]+)千円") == Counted.of(printed, PRINTED).expenditure

    def test_the_home_page(self, site: Site, years: list[int]) -> None:
        for year in years:
            page, files = site.page(f"/?year={year}"), self.files(site, year)
            for project, (printed, _) in files.items():
                said = page.text.split(project.name)[1].split("円")[0].split("なし")[0].strip() + "円"
                assert amount(said.replace("記載円", "記載なし")) == Counted.of(printed, PRINTED).expenditure
            whole = Counted.of(distinct(own for _, own in files.values())).expenditure
            assert page.said(r"再掲を除いた\w*額は、全体で([\d,]+)千円") == whole

    def test_the_control_page(self, site: Site, years: list[int]) -> None:
        for year in years:
            page, files = site.page(f"/budgets/check/?year={year}"), self.files(site, year)
            *rows, everything = page.table("融資枠を含みません。", 0).rows
            for (project, (printed, counted)), row in zip(files.items(), rows, strict=True):
                assert next(iter(row.values())).text.endswith(project.name)
                assert row["資料に記載の額（再掲を含む）"].amount == Counted.of(printed, PRINTED).expenditure
                assert row["再掲を除いた額"].amount == Counted.of(counted).expenditure
                assert row["再掲（件）"].amount == sum(each["再掲"] == "再掲" for each in printed)
                assert row["額の記載なし（件）"].amount == Counted.of(printed, PRINTED).silent
            printed, counted = site.file(f"/sakigake.csv?year={year}"), distinct(own for _, own in files.values())
            assert everything["資料に記載の額（再掲を含む）"].amount == Counted.of(printed, PRINTED).expenditure
            assert everything["再掲を除いた額"].amount == Counted.of(counted).expenditure

    @staticmethod
    def figures(printed: list[Line], counted: list[Line]) -> list[int | None]:
        """Printed and distinct expenditure, the lending limit, and how many components state no amount."""
        once = Counted.of(counted)
        of_print = Counted.of(printed, PRINTED)
        return [of_print.expenditure, once.expenditure, once.lending_limit, of_print.silent]


def check_components(text: str, printed: list[Line], counted: list[Line]) -> None:
    said, of_print, once = "".join(text.split()), Counted.of(printed, PRINTED), Counted.of(counted)
    assert f"構成事業は{len(printed):,}件です。" in said
    assert f"資料に記載の額の合計は{of_print.expenditure:,}千円（再掲" in said
    assert f"再掲を除いた額は{once.expenditure:,}千円です。" in said
    assert (f"融資枠{once.lending_limit or 0:,}千円は予算額に含めていません。" in said) == bool(once.lending_limit)


@use_plans(None, minamihoshi, two_years_that_overlap)
def test_departments_of_the_control_page(site: Site, years: list[int], catalogue: PlanLoader | None) -> None:
    for year in years:
        # The invented plan prints amounts of one year, which are a balance.
        measure = "&measure=current" if (catalogue, year) == (minamihoshi, 2023) else ""
        page = site.page(f"/budgets/check/?year={year}")
        components, lines = site.file(f"/sakigake.csv?year={year}"), site.file(f"/budgets.csv?year={year}{measure}")
        *rows, everything = page.table("融資枠を含みません。", -1).rows
        codes = Department.objects.in_order().values_list("code", flat=True)
        for code, row in zip(codes, rows, strict=True):
            printed = Counted.of([each for each in components if each["部局コード"] == code], PRINTED)
            counted = Counted.of(site.file(f"/budgets.csv?year={year}&department={code}{measure}"))
            assert (row["資料に記載の額（再掲を含む）"].amount, row["再掲を除いた額"].amount) == (
                printed.expenditure,
                counted.expenditure,
            )
        assert everything["資料に記載の額（再掲を含む）"].amount == Counted.of(components, PRINTED).expenditure
        assert everything["再掲を除いた額"].amount == Counted.of(lines).expenditure
        loans = [table for table in page.tables if "同じ額をプロジェクトと部局の両方から見ます" in table.caption]
        assert bool(loans) == (Counted.of(lines).lending_limit is not None)
        if loans:
            assert loans[0].rows[-1]["再掲を除いた額"].amount == Counted.of(lines).lending_limit


@use_plans(minamihoshi, two_years_that_overlap)
@pytest.mark.parametrize("condition", ["", "department"])
def test_the_comparison(site: Site, catalogue: PlanLoader, condition: str) -> None:
    if condition == "department":
        condition = "department=d2" if catalogue is two_years_that_overlap else "department=planning"
    for base, year in ((2023, 2024),) if condition else ((2023, 2024), (2024, 2023), (2024, 2024)):
        page = site.page(f"/budgets/compare/?year={year}&base={base}&{condition}")
        measure = json.loads(site.client.get(f"/budgets/compare.json?year={year}&base={base}").getvalue())["applied"][
            "measure"
        ]
        rows = site.own_file(page)
        *departments, whole = page.table("部局別の比較").rows
        for of_year, column in ((base, "前年度の額（千円）"), (year, "額（千円）")):
            head = next(name for name in whole if f"（{of_year}年度）" in name)
            stated = [int(row[column]) for row in rows if row[column]]
            assert whole[head].amount == (sum(stated) if stated else None)
            amounts = [row[head].amount for row in departments]
            assert sum(each or 0 for each in amounts) == sum(stated)
            for row in departments if "department" not in condition else ():
                (label, *_) = row.values()
                code = Department.objects.get(name=label.text).code
                listed = site.file(f"/budgets.csv?year={of_year}&department={code}&measure={measure}")
                assert row[head].amount == Counted.of(listed).expenditure
                assert (row[head].text == "－") == (not listed)
        assert page.said(r"([\d,]+)件の内訳は、") == len(rows)
        for change, count in Counter(row["変化"] for row in rows).items():
            assert f"{change}{count:,}" in page.text
        assert page.said(r"ダウンロード（([\d,]+)件）") == page.said(r"事業の一覧（([\d,]+)件）") == len(rows)


@use_plans(None, minamihoshi, two_years_that_overlap)
def test_all_years_below_the_comparison(site: Site, years: list[int]) -> None:
    rows = site.page("/budgets/compare/").table("年度別の").rows
    assert [row["年度"].href.partition("&")[0] for row in rows] == [f"/budgets/?year={year}" for year in years]
    for row in rows:
        assert figures_of(row) == Counted.of(site.behind(row["年度"].href)).numbers


@pytest.mark.parametrize("path", ["/listings/", "/projects/"])
@pytest.mark.parametrize("query", ["", "area=1&department=kyoiku&q=ICT", "area=1&page=2", "q=無い語"])
def test_tables_without_money_count_the_rows_of_their_files(site: Site, path: str, query: str) -> None:
    page = site.page(f"{path}?{query}")
    rows = site.own_file(page)
    assert page.said(r"([\d,]+)件です。") == page.said(r"ダウンロード（([\d,]+)件）") == len(rows)


def test_both_units_say_the_same(site: Site) -> None:
    """In words or in thousand yen, each figure stands beside the exact one."""
    plain, words = (site.page(f"/budgets/?year=2021&group=area{unit}") for unit in ("", "&unit=words"))
    for place, column in ((0, "当初予算額"), (1, "予算額（千円）")):
        assert words.tables[place].numbers(column) == plain.tables[place].numbers(column)
    assert "36億7,368万5千円3,673,685千円" in words.terms["当初予算額"]
