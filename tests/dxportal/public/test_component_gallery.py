from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import ROOT
from tests.dxportal.public.reading import text_of

pytestmark = pytest.mark.django_db
Page = Callable[[str], str]
NAMES = {"breadcrumb", "card", "table", "badge", "money", "citation", "pager", "bar", "notice"}


def test_the_gallery_shows_every_component(page: Page) -> None:
    html = page("/components/")
    samples = {path.stem for path in (ROOT / "templates" / "_components" / "samples").iterdir()}
    assert samples >= NAMES
    for name in samples:
        assert f'<h2 id="sample-{name}">{name}</h2>' in html


def test_money_in_the_gallery_tells_zero_from_nothing_stated(page: Page) -> None:
    assert "45,586千円、0円、記載なし" in text_of(page("/components/"))


def test_a_citation_to_copy_names_publisher_plan_page_and_address(page: Page) -> None:
    text = text_of(page("/goals/1-2-1/"))
    assert (
        "山口県「やまぐちデジタル改革基本方針(案)」資料25ページ、http://127.0.0.1:8000/goals/1-2-1/(2026年11月23日更新)"
    ) in text


def test_a_goal_page_tells_where_else_its_projects_appear(page: Page) -> None:
    text = text_of(page("/goals/3-1-1/"))
    assert "子育てAIコンシェルジュ導入事業45,586千円資料418ページほか1か所に掲載" in text
    assert "デジタル・魁プロジェクト1「デジタルde子育て支援」推進プロジェクト" in text


def test_pages_lead_to_their_neighbours(page: Page) -> None:
    html = page("/goals/1-1-2/")
    assert '<a href="/goals/1-1-1/" rel="prev">' in html
    assert '<a href="/goals/1-1-3/" rel="next">' in html
    assert 'rel="prev"' not in page("/goals/1-1-1/")
    assert '<a href="/goals/2-1-1/" rel="next">' in page("/goals/1-6-1/")
    assert 'rel="next"' not in page("/sakigake/10/")
    assert '<a href="/departments/keisatsu/" rel="next">' in page("/departments/kyoiku/")
    assert '<a href="/domains/2-1/" rel="next">' in page("/domains/1-6/")


def test_the_plan_map_counts_goals_and_projects(page: Page) -> None:
    text = text_of(page("/"))
    assert "農林水産業目標5・事業12" in text
    assert "教育目標3・事業21" in text


def test_a_department_knows_its_share(page: Page) -> None:
    assert "全部局の当初予算額の48.4%" in text_of(page("/departments/kyoiku/"))


def test_bars_are_measured_by_the_largest_amount(page: Page) -> None:
    html = page("/sakigake/1/")
    assert '<rect width="100.0" height="12"/>' in html
    assert '<rect width="62.9" height="12"/>' in html
    assert page("/sakigake/9/").count('class="bar"') == 0


@pytest.mark.parametrize("path", ["/projects/workation/", "/departments/somu/", "/strategy/", "/sources/2/11/"])
def test_pages_of_several_places_can_be_cited_too_below_their_content(page: Page, path: str) -> None:
    text = text_of(page(path))
    assert f"http://127.0.0.1:8000{path}(2026年11月23日更新)" in text
    assert text.index("引用するときの書き方") > len(text) / 2
