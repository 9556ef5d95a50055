from __future__ import annotations

from collections.abc import Callable

import pytest

from budgets.models import BudgetLine
from catalog.models import Department
from dxportal.money_and_years import minus, money_in_caption_unit, signed, signed_percent
from projects.models import Appearance, NamedPart
from tests.dxportal.public.reading import read, text_of
from tests.plans import minamihoshi, use_plans

pytestmark = pytest.mark.django_db
Page = Callable[[str], str]


def table(html: str, number: int) -> str:
    """A table of the page, counted from the end, as text with a bar behind each cell."""
    cells = html.split("<table")[number].split("</table>")[0].replace("</td>", "|").replace("</th>", "|")
    return text_of(f"<main><table{cells}</main>")


def test_a_plan_that_agrees_says_so_in_one_sentence(page: Page) -> None:
    html = page("/budgets/check/")
    assert (
        "令和3年度(2021年度)の資料に額の記載がある掲載42件は、すべて集計額と一致しています。構成事業に記載の額(再掲を含む)"
        "7,418,993千円から再掲分3,745,308千円を差し引くと、再掲を除いた額3,673,685千円と一致します。"
    ) in text_of(html)
    assert "alarm" not in html
    assert "一致しないところ" not in html


def test_the_tables_show_every_group_with_its_figures_marks_and_pages(page: Page) -> None:
    html = page("/budgets/check/")
    projects, departments, lending = (table(html, number) for number in (-3, -2, -1))
    assert (
        "10「明日の社会を創るデジタル人材」育成プロジェクト|2,650,008|0円|0円|2,650,008|0円|6|0|資料422ページ|"
        in projects
    )
    assert (
        "9「誰でも・いつでも・どこでもデジタル」基盤整備促進プロジェクト|記載なし|-|-|記載なし|-|0|3|資料422ページ|"
        in projects
    )
    assert "すべて|7,418,993|3,745,308|0円|3,673,685|0円|10|3||" in projects
    assert "総合企画部|2,455,250|1,633,800|0円|0円|821,450|0円|3|3|資料418ページ資料419ページ" in departments
    assert "教育庁|3,538,824|1,759,412|0円|0円|1,779,412|0円|2|0|資料418ページ資料422ページ|" in departments
    assert "環境生活部|記載なし|-|-|-|記載なし|-|0|0||健康福祉部|" in departments
    assert "すべて|7,418,993|3,745,308|0円|0円|3,673,685|0円|10|3||" in departments
    assert (
        "商工労働部|500,000|0円|0円|0円|500,000|0円|資料419ページ|すべて|500,000|0円|0円|0円|500,000|0円||" in lending
    )
    assert html.count("単位は千円") == 3


def test_every_figure_has_its_label_on_a_phone_and_every_table_its_name(page: Page) -> None:
    html = page("/budgets/check/")
    assert html.count('<td class="number">') == 0
    assert html.count('<table class="stack">') == html.count("<caption>") == 3
    ids = read(html).ids
    assert len(ids) == len(set(ids))


def test_what_differs_stands_first_in_words_with_page_difference_and_project(page: Page) -> None:
    Appearance.objects.filter(code="s1-1").update(printed_amount_thousand_yen=44_586)
    html = page("/budgets/check/")
    text = text_of(html)
    assert text.index("一致しないところが1件あります") < text.index("表の見方")
    assert (
        "子育てAIコンシェルジュ導入事業デジタル・魁プロジェクト1「デジタルde子育て支援」推進プロジェクト"
        "44,586千円資料418ページ45,586千円−1,000千円資料の額のほうが小さい"
    ) in text
    assert "1「デジタルde子育て支援」推進プロジェクト−1,000千円健康福祉部−1,000千円すべて−1,000千円" in text
    assert "健康福祉部|73,262|0円|0円|0円|74,262|−1,000千円|" in table(html, -2)
    assert "すべて集計額と一致" not in text
    assert html.index('class="alarm"') < html.index('class="stack"')


def test_an_amount_that_no_line_states(page: Page) -> None:
    BudgetLine.objects.filter(project__code="workation").delete()
    text = text_of(page("/budgets/check/"))
    assert "85,000千円資料420ページ予算額がありません+85,000千円資料に記載の額に当たる予算額がない" in text


def test_a_line_counted_for_another_department(page: Page) -> None:
    somu = Department.objects.get(code="somu")
    BudgetLine.objects.filter(project__code="art-museum").update(department=somu)
    html = page("/budgets/check/")
    text = text_of(html)
    assert "観光スポーツ文化部の構成事業43,000千円資料420ページ総務部の予算額43,000千円" in text
    assert "観光スポーツ文化部+43,000千円総務部−43,000千円資料に記載の部局と、予算額の所管部局が異なる" in text
    links = read(html)
    assert "#department-somu" in links.links
    assert "department-somu" in links.ids


def test_a_line_of_a_page_on_which_nothing_speaks_of_it(page: Page) -> None:
    NamedPart.objects.filter(appearance__code="s10-5").delete()
    Appearance.objects.filter(code="s10-5").delete()
    text = text_of(page("/budgets/check/"))
    assert (
        "地域雇用創造事業求職者向けキャリアアップ支援この額を記載した掲載がありません資料422ページ19,900千円−19,900千円"
        in text
    )


def test_a_lending_limit_that_differs_is_called_that(page: Page) -> None:
    Appearance.objects.filter(code="s4-9").update(printed_amount_thousand_yen=500_001)
    text = text_of(page("/budgets/check/"))
    assert "融資枠500,001千円資料419ページ融資枠" not in text
    assert "融資枠500,001千円資料419ページ500,000千円+1千円" in text
    assert "商工労働部(融資枠)+1千円" in text


def test_an_amount_counted_where_none_is_printed(page: Page) -> None:
    Appearance.objects.filter(code="s4-7").update(printed_amount_thousand_yen=None, printed_kind="")
    text = text_of(page("/budgets/check/"))
    assert (
        "再掲分3,745,308千円を差し引き、資料に額の記載がないが予算のあるもの6,000千円を加えると、再掲を除いた額3,673,685千円"
    ) in text


@use_plans(minamihoshi)
def test_a_plan_that_prints_amounts_elsewhere_and_one_year_none(page: Page) -> None:
    latest, earlier = page("/budgets/check/?year=2024"), page("/budgets/check/")
    assert "令和6年度(2024年度)の資料に額の記載がある掲載はありません。" in text_of(latest)
    assert "しごと局|記載なし|0円|0円|70,000|70,000|0円||" in table(latest, -1)
    assert "令和5年度(2023年度)の資料に額の記載がある掲載2件は、すべて集計額と一致しています。" in text_of(earlier)
    assert earlier.count("<table") == 1
    BudgetLine.objects.filter(amount_thousand_yen=300).delete()
    text = text_of(page("/budgets/check/?year=2023"))
    assert (
        "手続オンライン事業(申請書)手続/オンライン1,500千円本編3ページ1,200千円+300千円資料の額のほうが大きい" in text
    )


def test_the_sakigake_list_leads_here(page: Page) -> None:
    assert "/budgets/check/?year=2021" in read(page("/sakigake/")).links


def test_how_differences_are_written() -> None:
    assert [signed(1_000), signed(-1_000), signed(0), minus(5)] == ["+1,000千円", "−1,000千円", "0円", "−5千円"]
    assert [signed_percent(each) for each in (1234.5, -33.3, 0.0)] == ["+1,234.5", "−33.3", "0.0"]
    written = [money_in_caption_unit(each) for each in (45_586, 0, None)]
    assert written == ["45,586", "0円", "記載なし"]
