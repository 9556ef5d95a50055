from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from budgets.models import BudgetLine
from dxportal.planfiles.loading import delete_catalogue
from tests.derived_tables import refresh_rows
from tests.dxportal.public.reading import crawl, text_of
from tests.plans import minamihoshi, use_plans

pytestmark = pytest.mark.django_db
Page = Callable[[str], str]


def test_home_opens_with_the_vision_and_says_where_it_is_printed(page: Page) -> None:
    text = text_of(page("/"))
    assert text.index("目指すべきデジタル社会のビジョン") < text.index("施策の柱")
    assert "豊かさと幸せを実感することのできる社会やまぐちデジタル改革基本方針(案)資料11ページ" in text


def test_home_shows_the_printed_amounts_of_the_flagship_projects(page: Page) -> None:
    text = text_of(page("/"))
    assert "デジタル・魁プロジェクト(令和3年度(2021年度))" in text
    assert "「みんなで解決!地域課題」チャレンジプロジェクト544,600千円" in text
    assert "再掲を除いた当初予算額は、全体で3,673,685千円" in text


def test_every_page_says_what_the_plan_is(page: Page) -> None:
    for path in ("/", "/goals/1-1-1/", "/sources/1/1/"):
        html = page(path)
        assert "やまぐちデジタル改革基本方針（案）" in html
        assert "発行者の公式サイトではありません" in html
        assert "利用条件は確認中です" in html


def test_the_plan_page_keeps_boxes_within_boxes(page: Page) -> None:
    text = text_of(page("/plan/"))
    assert "スピード・柔軟性・持続性スピード重視現場ニーズ等の把握課題・価値の特定化アジャイルな手法" in text
    assert "対象期間令和3年度(2021年度)から令和4年度(2022年度)まで" in text


def test_the_promotion_structure_names_both_ends_of_a_link(page: Page) -> None:
    assert "提案・助言:CIO補佐官→知事(CIO)" in text_of(page("/promotion/"))


def test_an_empty_catalogue_says_so_and_breaks_nothing(client: Client) -> None:
    delete_catalogue()
    refresh_rows()
    assert "計画はまだ読み込まれていません" in text_of(client.get("/").content.decode())
    assert set(crawl(client)) == {
        "/",
        "/plan/",
        "/projects/",
        "/budgets/",
        "/budgets/check/",
        "/budgets/compare/",
        "/listings/",
        "/sakigake/",
        "/departments/",
        "/sources/",
    }
    for path in ("/pillars/", "/areas/", "/sakigake/", "/promotion/", "/strategy/", "/sitemap.xml"):
        assert client.get(path).status_code == 200


@use_plans(minamihoshi)
class TestAnotherPlan:
    """The invented plan: other departments, five areas, no flagship projects, two fiscal years."""

    def test_every_page_is_served_and_none_speaks_of_yamaguchi(self, client: Client) -> None:
        for html in crawl(client).values():
            for word in ("山口", "やまぐち", "魁"):
                assert word not in html

    def test_a_plan_that_is_final_shows_no_draft_mark(self, page: Page) -> None:
        html = page("/")
        assert "南星県デジタル推進プラン｜" not in html
        assert "（案）" not in html
        assert "発行者の公式サイト" in html

    def test_sections_it_does_not_have_are_not_offered(self, page: Page) -> None:
        html = page("/")
        assert 'href="/areas/"' in html
        assert 'href="/sakigake/"' not in html
        assert 'href="/strategy/"' not in html

    def test_pages_show_the_latest_year_and_link_to_the_others(self, page: Page) -> None:
        text = text_of(page("/goals/1-1-1/"))
        assert "主な関連事業(令和6年度(2024年度))" in text
        assert "手続オンライン事業申請書1,500千円資料に記載はありません支払い800千円" in text
        earlier = text_of(page("/goals/1-1-1/?year=2023"))
        assert "手続オンライン事業(申請書)申請書1,200千円本編3ページ窓口そのまま" in earlier.replace("くらし局", "")
        assert "窓口そのまま事業0円" in earlier
        assert "島の声を聞く活動記載なし" in earlier

    def test_a_goal_shows_the_amounts_on_which_the_year_opens(self, page: Page) -> None:
        BudgetLine.objects.filter(stage__role="initial").delete()
        refresh_rows()
        text = text_of(page("/goals/1-1-1/?year=2023"))
        assert "申請書1,500千円本編3ページ" in text
        for amount in ("1,400千円", "1,300千円", "300千円"):
            assert f"申請書{amount}" not in text

    def test_a_department_under_its_former_name(self, page: Page) -> None:
        text = text_of(page("/departments/planning/?year=2023"))
        assert "資料での別の呼び名:企画課" in text
        assert "編集注2024年度に「企画課」から改称した。" in text
        assert "当初予算額1,200千円全部局の当初予算額の100.0%" in text
        assert "予算額の合計は1,200千円です(1件。再掲は重ねて数えていません)。" in text
        assert "現計予算額1,500千円" in text
        assert "企画課" in text_of(page("/goals/1-1-1/?year=2023"))

    def test_a_lending_limit_is_in_no_expenditure(self, page: Page) -> None:
        text = text_of(page("/departments/industry/"))
        assert "予算額記載なし融資枠(予算額には含めません)70,000千円" in text
        assert "融資枠70,000千円" in text_of(page("/goals/2-1-1/"))
