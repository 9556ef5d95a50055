"""No count of a page becomes 0, and no amount 記載なし, because another year has something."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from functools import cache
from io import StringIO

import pytest
from django.test import Client

from budgets.models import BudgetLine
from budgets.years import read_years
from dxportal.money_and_years import fiscal_year
from dxportal.public.sitemap import PublicSitemap
from dxportal.staff.new_year import copy_appearances
from projects.models import Appearance, Project
from tests.budgets.making import line
from tests.derived_tables import refresh_rows
from tests.dxportal.public.reading import fold_print, read, text_of
from tests.plans import PlanLoader, use_plans

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
Page = Callable[[str], str]

STAGE = "initial-with-february"
MOVED = "workation"  # the project of which another year states an amount
# Choices of the year and the form are others as soon as there is another year.
CHOICES = re.compile(r'<nav aria-label="年度">.*?</nav>|<form.*?</form>', re.DOTALL)
ZERO = re.compile(r"(?<![0-9,.])0(?:件|事業)|(?:事業|目標)0(?![0-9])|記載なし|(?:予算額|関連事業)の記載はありません")
TABLES = ("budgets", "sakigake", "listings", "budgets/compare")


def text(html: str) -> str:
    return text_of(CHOICES.sub("", html))


def fetch(path: str) -> str:
    response = Client().get(path, follow=True)
    assert response.status_code == 200, path
    return response.content.decode()


@cache
def pages_of_the_shipped_plan() -> dict[str, str]:
    """The text of every page before there is another year, by its address without a year."""
    return {path.partition("?")[0]: text(fetch(path)) for path in [*PublicSitemap().items(), "/budgets/compare/"]}


def one_line_of_another_year() -> None:
    pages_of_the_shipped_plan()
    line(MOVED, 7, fiscal_year=2023, stage=STAGE)


def a_line_of_an_earlier_year() -> None:
    pages_of_the_shipped_plan()
    line(MOVED, 7, fiscal_year=2019, stage="settlement")


def a_new_year_without_amounts() -> None:
    pages_of_the_shipped_plan()
    copy_appearances(2021, 2022)
    refresh_rows()


def lines_of_two_more_years() -> None:
    """Amounts that go on to 2023, of a plan whose appearances are of 2021."""
    pages_of_the_shipped_plan()
    for budget_line in BudgetLine.objects.filter(fiscal_year=2021):
        for year in (2022, 2023):
            budget_line.pk, budget_line.fiscal_year = BudgetLine._meta.pk.get_default(), year
            budget_line.document, budget_line.page = None, None
            budget_line.save(force_insert=True)
    refresh_rows()


SCENARIOS = (
    one_line_of_another_year,
    a_line_of_an_earlier_year,
    a_new_year_without_amounts,
    lines_of_two_more_years,
)


def is_about_one_year(path: str) -> bool:
    """Tell whether a page shows one fiscal year at a time."""
    return path in {"/", "/budgets/check/", "/sakigake/", "/listings/", "/budgets/"} or path.startswith(
        ("/goals/", "/departments/", "/sakigake/")
    )


def department_of_moved() -> str:
    return Project.objects.get(code=MOVED).department.get_absolute_url()


def opens_on_another_year(scenario: PlanLoader | None, path: str) -> bool:
    """Tell whether another year has something of what the page shows."""
    is_of_lines = path == "/budgets/" or path.startswith("/departments/")
    if path.startswith("/departments/") and "この部局の" not in pages_of_the_shipped_plan()[path]:
        return True  # in charge of nothing: the page says so of any year
    if scenario is one_line_of_another_year:
        return path in {"/budgets/", department_of_moved()}
    return (
        path == "/listings/"
        if scenario is a_new_year_without_amounts
        else (scenario is lines_of_two_more_years and is_of_lines)
    )


@use_plans(*SCENARIOS)
def test_a_page_says_what_it_said_before_there_was_another_year(catalogue: PlanLoader | None) -> None:
    later, earlier = fold_print(fiscal_year(2022)), fold_print(fiscal_year(2021))
    for path, before in pages_of_the_shipped_plan().items():
        after = text(fetch(path))
        assert len(ZERO.findall(after)) <= len(ZERO.findall(before)) or path == "/budgets/compare/", path
        if is_about_one_year(path) and not opens_on_another_year(catalogue, path):
            # the map of the home page has the listings of the new year
            assert after.replace(later, earlier) == before.replace(later, earlier), path


@use_plans(*SCENARIOS)
def test_an_address_with_its_year_leads_to_that_year(catalogue: PlanLoader | None) -> None:
    for path, before in pages_of_the_shipped_plan().items():
        if is_about_one_year(path):
            html = fetch(f"{path}?year=2021")
            assert text(html) == before, path
            assert "という年度はありません" not in html


@use_plans(*SCENARIOS)
def test_only_years_with_rows_are_offered_and_every_known_year_is_answered(catalogue: PlanLoader | None) -> None:
    years = read_years()
    for path in ("/listings/", "/sakigake/", "/sakigake/4/", "/goals/1-2-1/", "/budgets/check/"):
        offered = {link for link in read(fetch(path)).links if re.fullmatch(rf"(?:{path})?\?year=\d+", link)}
        for link in offered:
            year = int(link[-4:])
            assert text_of(fetch(link if link.startswith("/") else path + link)) != ""
            assert Appearance.objects.current().for_year(year).exists() or path == "/budgets/check/"
        for year in years.all_years:
            assert "という年度はありません" not in fetch(f"{path}?year={year}")


@use_plans(*SCENARIOS)
@pytest.mark.parametrize("table", TABLES)
def test_a_file_without_a_year_is_the_table_that_opens(
    client: Client, catalogue: PlanLoader | None, table: str
) -> None:
    years = read_years()
    section = {"sakigake": years.sakigake, "listings": years.listings}.get(table, years.budgets)
    document = json.loads(client.get(f"/{table}.json").getvalue())
    assert document["applied"]["year"] == section.default
    page = client.get(f"/{table}/", follow=True).content.decode()
    assert fold_print(fiscal_year(section.default)) in text_of(page)
    rows = list(csv.DictReader(StringIO(client.get(f"/{table}.csv").getvalue().decode("utf-8-sig"))))
    assert len(rows) == len(document["rows"]) > 0
    explicit = json.loads(client.get(f"/{table}.json?year={section.default}").getvalue())
    assert explicit == document
    counted = re.search(r"ダウンロード\(([\d,]+)件\)", text_of(page))
    if counted:  # a comparison of one year with itself is not shown
        assert int(counted[1].replace(",", "")) == len(rows)


@use_plans(one_line_of_another_year, lines_of_two_more_years, a_new_year_without_amounts)
def test_a_year_is_compared_with_the_latest_before_it_that_states_an_amount(
    client: Client, catalogue: PlanLoader | None
) -> None:
    applied = json.loads(client.get("/budgets/compare.json").getvalue())["applied"]
    pairs = {one_line_of_another_year: (2023, 2021), lines_of_two_more_years: (2023, 2022)}
    assert (applied["year"], applied["base"]) == pairs.get(catalogue, (2021, 2021))  # type: ignore[arg-type]


@use_plans(a_new_year_without_amounts)
def test_a_comparison_needs_two_years_that_state_amounts(catalogue: object) -> None:
    alone = "この計画に予算額があるのは一つの年度だけなので、比べる年度がまだありません。"
    assert alone in text_of(fetch("/budgets/compare/"))
    assert alone not in text_of(fetch("/budgets/compare/?year=2022&base=2021"))
    line(MOVED, 7, fiscal_year=2022, stage=STAGE)
    assert alone not in text_of(fetch("/budgets/compare/"))


@use_plans(one_line_of_another_year)
def test_pages_that_have_nothing_of_a_year_say_so(catalogue: object) -> None:
    assert "令和5年度(2023年度)の関連事業の記載はありません。" in text_of(fetch("/goals/1-2-1/?year=2023"))
    home = text_of(fetch("/?year=2023"))
    assert "令和3年度(2021年度)の関連事業の数です。" in home
    assert "デジタル・魁プロジェクト(令和3年度(2021年度))" in home


@use_plans(a_new_year_without_amounts)
def test_counts_say_their_year(catalogue: object) -> None:
    home = text_of(fetch("/"))
    assert "令和4年度(2022年度)の関連事業の数です。" in home
    assert "デジタル・魁プロジェクト(令和3年度(2021年度))" in home
    assert "令和4年度(2022年度)の関連事業" in text_of(fetch("/listings/"))
    assert "令和3年度(2021年度)の構成事業" in text_of(fetch("/sakigake/"))
    assert "令和3年度(2021年度)の構成事業" in text_of(fetch("/sakigake/4/"))
    assert "令和3年度(2021年度)に額の記載がない事業" in text_of(fetch("/departments/kyoiku/"))
    assert "年度を問わず" in text_of(fetch("/departments/"))
    assert "すべての年度の事業を" in text_of(fetch("/projects/"))


@use_plans(a_new_year_without_amounts)
def test_a_year_without_printed_amounts_shows_what_is_counted(catalogue: object) -> None:
    """The home page follows the budget lines of a new year, which no paper prints yet."""
    component = Appearance.objects.for_year(2022).get(code="s4-7")
    line(component.project.code, 6_001, fiscal_year=2022, stage=STAGE)
    home = text_of(fetch("/"))
    assert "デジタル・魁プロジェクト(令和4年度(2022年度))" in home
    assert "再掲を除いた当初予算額は、全体で6,001千円です。" in home
    assert "この年度の資料に額の記載がないため" in home
    assert f"{fold_print(component.sakigake_project.name)}6,001千円" in home  # type: ignore[union-attr]


@use_plans(a_new_year_without_amounts)
def test_a_listing_that_a_new_year_copies_is_counted_once(client: Client, catalogue: object) -> None:
    rows = json.loads(client.get("/projects.json").getvalue())["rows"]
    listed = {row["project_code"]: row["listings"] for row in rows}
    of_2021 = Appearance.objects.current().listings().for_year(2021)
    for code, count in listed.items():
        assert count == of_2021.filter(project__code=code).count(), code
