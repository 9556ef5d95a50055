"""Texts of the budget pages beside their figures."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client

from budgets.models import BudgetLine
from dxportal.planfiles.loading import load_folder
from tests.budgets.making import line
from tests.derived_tables import refresh_rows
from tests.dxportal.public.reading import read, text_of
from tests.folders.generated_plan import generate_folder
from tests.plans import minamihoshi, use_plans

pytestmark = pytest.mark.django_db
Page = Callable[[str], str]


def test_what_is_in_no_group_is_told_because_the_whole_counts_it(page: Page) -> None:
    """中小企業制度融資 is a component and no related project: its lending limit is in no area."""
    told = "どの分野にも載っていない3件は、全体にだけ含みます。"
    assert told in text_of(page("/budgets/?year=2021&group=area"))
    assert "どの分野にも" not in text_of(page("/budgets/?year=2021&group=area&kind=expenditure"))
    assert "どの分野にも" not in text_of(page("/budgets/?year=2021&group=area&area=1"))
    assert "どのデジタル・魁プロジェクトにも載っていない59件は" in text_of(page("/budgets/?year=2021&group=sakigake"))


def test_the_years_above_a_comparison_lead_to_the_year_before_each(page: Page) -> None:
    load_folder(generate_folder(1, years=[2022, 2023, 2024]), replace=True)
    years = [link for link in read(page("/budgets/compare/?year=2024&base=2023")).links if "compare/?year" in link]
    assert "/budgets/compare/?year=2023" in years
    assert "と令和5年度(2023年度)の当初予算額の比較" in text_of(page("/budgets/compare/?year=2023"))


@use_plans(minamihoshi)
def test_a_year_against_itself_is_said_to_be_that(page: Page) -> None:
    told = "同じ年度どうしを比べています。「比較対象の年度」で、ほかの年度を選んでください。"
    assert told in text_of(page("/budgets/compare/?year=2022"))
    assert told not in text_of(page("/budgets/compare/?year=2024"))


@use_plans(minamihoshi)
def test_what_has_become_less_has_a_minus_everywhere(page: Page) -> None:
    BudgetLine.objects.filter(part__code="forms", fiscal_year=2024).update(amount_thousand_yen=1000)
    BudgetLine.objects.filter(part__code="payment", fiscal_year=2024).delete()
    BudgetLine.objects.filter(project__code="ferry").delete()
    refresh_rows()
    html = page("/budgets/compare/?year=2024&base=2023&measure=current")
    assert "1,500千円から1,000千円になりました（−500千円）。" in html
    assert ">−500千円</td>" in html
    assert ">−33.3</td>" in html
    assert not re.search(r"[>\s（]-\d", html)


def heads(html: str) -> list[str]:
    """The heads of the table of rows."""
    table = html[html.index('<table class="stack rows">') :]
    return re.findall(r"<th [^>]*>(?:<a[^>]*>)?([^<]*)", table[: table.index("</thead>")])


@use_plans(minamihoshi)
def test_every_year_together_is_one_of_the_years(page: Page, client: Client) -> None:
    html = page("/budgets/?year=all")
    assert "<h1>すべての年度の当初予算額</h1>" in html
    assert '<li><span aria-current="true">すべての年度</span></li>' in html
    assert "すべての年度の額の合計です。" in html
    assert heads(html)[:2] == ["年度", "事業名"]
    assert '<tr><td data-label="年度">令和６年度（2024年度）</td><th scope="row">' in html
    rows, *single = (
        json.loads(client.get(f"/budgets.json?year={year}&measure=initial").getvalue())
        for year in ("all", 2024, 2023, 2022)
    )
    assert rows["applied"]["year"] == "all"
    assert rows["rows"] == [row for year in single for row in year["rows"]]
    sums = {name: figure for name, figure in rows["totals"].items() if name not in ("measure", "measures")}
    assert sums == {name: sum(year["totals"][name] for year in single) for name in sums}
    assert rows["totals"]["measure"] == "initial"
    html = page("/budgets/?year=2024")
    assert '<a href="/budgets/?year=all">すべての年度</a>' in html
    assert heads(html)[0] == "事業名"


@use_plans(minamihoshi)
@pytest.mark.parametrize(("group", "label"), [("area", "分野"), ("sakigake", "重点プロジェクト")])
def test_groups_of_print_are_of_one_year(page: Page, client: Client, group: str, label: str) -> None:
    told = f"{label}別に集計するには、年度を一つ選んでください。"
    html = page(f"/budgets/?year=all&group={group}")
    assert told in html
    assert f"{label}別の予算額" not in html
    assert f"group={group}" not in html
    refused = client.get(f"/budgets.csv?year=all&group={group}")
    assert refused.status_code == 400
    assert told in refused.content.decode()


def test_where_there_is_one_year_there_is_no_every(page: Page) -> None:
    assert "すべての年度" not in page("/budgets/?year=2021")
    assert "「all」という年度はありません。" in page("/budgets/?year=all")


def test_print_without_a_repeat_of_an_amount_is_not_set_against_the_count(page: Page) -> None:
    """Sakigake 4 carries a mark, but nothing of it is printed twice there."""
    assert "資料に記載の額の合計は1,154,713千円で、重複はありません。" in page("/sakigake/?year=2021&sakigake=4")
    assert "資料に記載の額の合計は7,418,993千円（再掲10件を含む）、再掲を除いた額は3,673,685千円です。" in page(
        "/sakigake/"
    )


def test_an_amount_is_called_what_it_is_on_every_page_of_its_measure(page: Page, client: Client) -> None:
    """A settlement is no 予算額: not in the heading, not above the column, not in the file's total."""
    line("workation", 90_000, stage="settlement")
    html = page("/budgets/?year=2021&measure=settlement")
    assert "<h1>令和３年度（2021年度）の決算額</h1>" in html
    assert "決算額（千円）" in heads(html)
    assert "予算額（千円）" not in heads(html)
    assert "予算額（千円）" in heads(page("/budgets/?year=2021&measure=current"))
    line("workation", 5, stage="settlement", fiscal_year=2019)
    assert "令和元年度（2019年度）の決算額" in page("/departments/sogo-kikaku/?year=2019")
