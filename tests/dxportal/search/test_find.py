from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.test import Client

from dxportal.search.find import find
from tests.dxportal.pages.reading import text_of

pytestmark = pytest.mark.django_db


def titles(query: str) -> list[str]:
    return [str(row) for group in find(query) for row in group.rows]


@pytest.mark.parametrize("query", ["ワーケーション推進", "わーけーしょん", "ﾜｰｹｰｼｮﾝ推進"])
def test_a_project_is_found_by_name_reading_and_width(query: str) -> None:
    assert "ワーケーション推進事業" in titles(query)


@pytest.mark.parametrize("query", ["DX加速", "ＤＸ加速", "dx加速", "ｄｘ加速"])
def test_letters_of_either_width_and_case(query: str) -> None:
    assert "建設ＤＸ加速化事業" in titles(query)


def test_many_words_cost_no_more_than_a_few(client: Client) -> None:
    began = time.monotonic()
    html = client.get("/search/?q=" + "+".join("abcdefghij" * 9)).content.decode()
    assert client.get("/search/?q=" + "+".join(["a"] * 100)).status_code == 200
    assert "語句は8つまでです" in html
    assert time.monotonic() - began < 2


def test_two_characters_and_several_words() -> None:
    assert "魁" not in titles("")
    assert "子育てＡＩコンシェルジュ導入事業" in titles("子育て ＡＩ")
    assert "子育てＡＩコンシェルジュ導入事業" not in titles("子育て 農業")
    assert "やまぐちＤＸ推進事業" in titles("シビックテック")  # in the name of a part


def test_results_lead_to_their_pages(page: Callable[[str], str]) -> None:
    html = page("/search/?q=子育て")
    assert '<a href="/projects/childcare-ai-concierge/">' in html
    assert '<a href="/sakigake/1/">' in html
    assert 'value="子育て"' in html


def test_nothing_found_helps(page: Callable[[str], str]) -> None:
    assert "この語句は見つかりませんでした" in text_of(page("/search/?q=ないことば"))
    assert "探す語句を入れてください" in text_of(page("/search/"))


@pytest.mark.parametrize(
    "query", ["%00", "%ff%fe", "%25_%5C", "'%22--", "x" * 100_000, "%F0%9F%90%9F", "　", "a" * 199]
)
def test_odd_queries_are_answered(client: Client, query: str) -> None:
    assert client.get(f"/search/?q={query}").status_code == 200
