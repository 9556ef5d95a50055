from __future__ import annotations

from collections.abc import Callable

import pytest

from catalog.models import Initiative
from tests.dxportal.public.reading import text_of

pytestmark = pytest.mark.django_db
Page = Callable[[str], str]


def test_all_rows_without_a_filter(page: Page) -> None:
    assert "具体的取組30件" in text_of(page("/strategy/"))


def test_only_what_is_new(page: Page) -> None:
    html = page("/strategy/?mark=new")
    text = text_of(html)
    assert "具体的取組7件" in text
    assert "新離職者の再就職支援" in text
    assert "新サービス・新事業創出" not in text  # an ordinary word, not a mark
    assert '<option value="new" selected>' in html


def test_a_measure_that_is_marked_itself_is_found_with_its_revised_rows(page: Page) -> None:
    text = text_of(page("/strategy/?mark=revised"))
    assert "具体的取組6件" in text
    assert "未来技術を有効活用したDXの推進による生活等の質の飛躍的な向上(修正)" in text


def test_one_heading(page: Page) -> None:
    text = text_of(page("/strategy/?heading=4-4"))
    expected = Initiative.objects.filter(measure__heading__code="4-4").count()
    assert expected == 9
    assert f"具体的取組{expected}件" in text
    assert "安心して快適に暮らせる地域づくり" in text
    assert "3結婚・出産・子育て環境の整備" not in text


def test_both_filters_together_and_none_left(page: Page) -> None:
    assert "具体的取組1件" in text_of(page("/strategy/?heading=4-4&mark=new"))
    assert "具体的取組0件" in text_of(page("/strategy/?heading=1-1&mark=new"))


@pytest.mark.parametrize("query", ["mark=gift", "heading=9-9", "mark=%00", "heading=" + "9" * 3000])
def test_an_unknown_value_says_so_and_shows_everything(page: Page, query: str) -> None:
    text = text_of(page(f"/strategy/?{query}"))
    assert "という条件はありません。この条件は使っていません。" in text
    assert "具体的取組30件" in text
