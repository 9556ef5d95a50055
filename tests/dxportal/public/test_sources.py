from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tests.dxportal.public.reading import text_of

pytestmark = pytest.mark.django_db
Page = Callable[[str], str]


def test_a_page_lists_what_is_printed_on_it_under_its_parents(page: Page) -> None:
    text = text_of(page("/sources/2/11/"))
    order = [
        "区分教育",
        "目標やまぐちスマートスクール構想",
        "対応策一人ひとりの教育的ニーズ",
        "【教育庁】関連事業ICTを活用した",
    ]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)
    assert "県立社会教育施設感染症予防等事業(再掲)(山口図書館)" in text


def test_a_row_that_runs_on_stands_on_both_pages(page: Page) -> None:
    assert "区分農林水産業" in text_of(page("/sources/2/5/"))
    assert "区分農林水産業目標スマート林業" in text_of(page("/sources/2/6/"))
    assert "スマート林業" not in text_of(page("/sources/2/5/"))


def test_the_overview_page_names_the_ten(page: Page) -> None:
    text = text_of(page("/sources/4/17/"))
    assert "デジタル・魁プロジェクトの一覧1「デジタルde子育て支援」推進プロジェクト" in text
    assert "10「明日の社会を創るデジタル人材」育成プロジェクト" in text


def test_amounts_stand_beside_the_components_as_printed(page: Page) -> None:
    assert "ワーケーション推進事業85,000千円[総合企画部]" in text_of(page("/sources/4/20/"))


def test_pages_lead_to_their_neighbours_also_over_documents(page: Page) -> None:
    assert '<a href="/sources/1/2/" rel="next">資料１ 2ページ →</a>' in page("/sources/1/1/")
    assert '<a href="/sources/2/4/" rel="next">資料２ 4ページ →</a>' in page("/sources/1/3/")
    assert 'rel="next"' not in page("/sources/5/27/")


@pytest.mark.parametrize("path", ["/sources/1/4/", "/sources/6/1/", "/sources/2/0/", f"/sources/2/{10**30}/"])
def test_a_page_that_does_not_exist(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
