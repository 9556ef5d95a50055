"""The page of the search and its JSON: what they show, what they refuse, how fast and with how many queries."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Department
from dxportal.planfiles.loading import load_folder
from dxportal.search.models import SearchDocument
from projects.models import Project
from tests.dxportal.changesets.change_sets import make_open_set
from tests.dxportal.public.reading import read, text_of
from tests.folders.generated_plan import generate_folder
from tests.timing import time_ratio

pytestmark = pytest.mark.django_db
Fetch = Callable[[str], str]


def address(path: str = "/search/", **parameters: Any) -> str:
    return f"{path}?{urlencode(parameters, doseq=True)}"


def main_of(html: str) -> str:
    return html[html.index("<main") : html.index("</main>")]


def test_a_result_shows_why_where_and_how_much(page: Fetch) -> None:
    html = page(address(q="ワーケ－ｼｮﾝ推進"))
    assert '<a href="/projects/workation/"><mark>ワーケーション推進</mark>事業</a>' in html
    text = text_of(html)
    assert "事業総合企画部ワーケーション推進事業" in text
    assert "85,000千円" in text
    assert "資料420ページ" in text
    assert 'value="ワーケ－ｼｮﾝ推進"' in html


@pytest.mark.parametrize("path", ["/search/", "/search.json"])
@pytest.mark.parametrize("asked", [{}, {"q": ""}, {"q": "　"}, {"kind": "project"}, {"kind": "nowhere"}])
def test_without_words_a_page_is_that_of_nothing(path: str, asked: dict[str, str], client: Client) -> None:
    for number in ("2", "0", "x"):
        answer = client.get(path, {**asked, "page": number})
        assert answer.status_code == 200
        assert path == "/search/" or answer.json()["count"] == 0


def test_marks_are_printed_text_and_never_html(page: Fetch, client: Client) -> None:
    html = page(address(q="<script>alert(1)</script>"))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<mark>ＡＩ</mark>×<mark>結婚</mark>、アプリ活用" in page(address(q="ai 結婚"))


@pytest.mark.slow
def test_every_result_leads_to_the_exact_place(client: Client) -> None:
    """Each entry's address answers, and what stands behind # is on that page."""
    pages: dict[str, list[str]] = {}
    for url in SearchDocument.objects.values_list("url", flat=True):
        parts = urlsplit(url)
        path = parts._replace(fragment="").geturl()
        if path not in pages:
            response = client.get(path, follow=True)
            assert response.status_code == 200, path
            pages[path] = read(response.content.decode()).ids
        assert not parts.fragment or parts.fragment in pages[path], url
    assert len(pages) > 200


def test_other_words_are_told_and_can_be_left_out(page: Fetch) -> None:
    html = page(address(q="リモートワーク"))
    text = text_of(html)
    assert "「テレワーク」「在宅勤務」でも検索しました。" in text
    assert "「テレワーク」で見つかりました。" in text
    assert address(q="リモートワーク", synonyms=0).replace("&", "&amp;") in html
    only = text_of(page(address(q="リモートワーク", synonyms=0)))
    assert "1件見つかりました" in only
    assert "入力した語句だけで検索しました。" in only


def test_facets_are_links_that_narrow_and_widen(page: Fetch) -> None:
    html = page(address(q="ＩＣＴ", department="kyoiku"))
    assert address(q="ＩＣＴ", kind="project", department="kyoiku").replace("&", "&amp;") in html
    assert "部局:教育庁条件を解除" in text_of(html)
    assert f'href="{address(q="ＩＣＴ")}"' in html
    assert "「ＩＣＴ」の検索結果（部局 教育庁）" in html


def test_nothing_found_helps(page: Fetch) -> None:
    Department.objects.filter(code="kyoiku").update(contact="083-000-0000")
    html = page(address(q="農業 ないことば", kind="goal", synonyms=0))
    text = text_of(html)
    assert "この語句は見つかりませんでした" in text
    assert f'href="{address(q="農業 ないことば", synonyms=0).replace("&", "&amp;")}"' in html
    assert f'href="{address(q="農業", synonyms=0).replace("&", "&amp;")}"' in html
    assert "同義語でも検索する" in text
    assert "教育庁083-000-0000" in text
    assert {"/plan/", "/areas/", "/projects/", "/sources/", "/departments/kyoiku/"} <= set(read(main_of(html)).links)


def test_an_empty_query_tells_how_to_search(page: Fetch) -> None:
    for path in ("/search/", address(q=""), address(q="　 ")):
        text = text_of(page(path))
        assert "空白で区切ると、すべての語句を含むものを検索します" in text
        assert "子育て、こそだて" in text
    assert 'id="term-sakigake"' in page("/search/")
    assert "検索できる文字がありません" in text_of(page(address(q="\u200b\u200d")))


def test_every_page_has_the_field(client: Client) -> None:
    for path in ("/", "/plan/", "/goals/1-4-1/", "/search/", "/no-such-page/"):
        html = client.get(path).content.decode()
        header = html[html.index("<header") : html.index("</header>")]
        assert '<form class="search" action="/search/" method="get" role="search">' in header
        assert 'aria-label="計画の中を検索する語句"' in header


def test_json_keeps_its_contract(client: Client) -> None:
    found = json.loads(client.get(address("/search.json", q="ＩＣＴ", year="2021")).content)
    assert list(found) == ["query", "count", "results", "next"]
    assert found["query"] == "ＩＣＴ"
    assert len(found["results"]) == 20 < found["count"]
    rows = list(found["results"])
    while found["next"]:
        assert found["next"].startswith(f"{settings.SITE_URL}/search.json?")
        found = json.loads(client.get(found["next"].removeprefix(settings.SITE_URL)).content)
        rows += found["results"]
    assert len(rows) == found["count"]
    assert {tuple(row) for row in rows} == {("kind", "title", "url", "excerpt")}
    assert all(row["url"].startswith(f"{settings.SITE_URL}/") for row in rows)
    assert rows[0] == {
        "kind": "project",
        "title": "ＩＣＴを活用した先進的教育推進事業",
        "url": f"{settings.SITE_URL}/projects/ict-advanced-education/",
        "excerpt": "ＩＣＴを活用した先進的教育推進事業",
    }
    assert json.loads(client.get("/search.json").content) == {"query": "", "count": 0, "results": [], "next": None}


def test_json_refuses_what_it_does_not_understand(client: Client) -> None:
    response = client.get(address("/search.json", q="ＩＣＴ", area="9", page="999"))
    assert response.status_code == 400
    assert json.loads(response.content)["errors"] == [
        "「9」という分野はありません。",
        "「999」というページはありません。3ページを表示しています。",
    ]


ODD = (
    *(
        "",
        "　",
        "a" * 199,
        "ー",
        "-",
        "- - -",
        '"',
        '""',
        '%_\\"*:()-',
        "'; DROP TABLE search_searchdocument; --",
        "(" * 200,
    ),
    *("🐟👨‍👩‍👧", "か゛é́̂̃", "\ufffe", "農業 OR 1=1", "title:農業", "農業*", "NEAR(農業 林業)", "^農業", "{農業}"),
    *(" ".join("abcdefghij" * 9), "ai・" * 60, "市町ＡＩ子育て農業観光医療福祉介護" * 8),
)


@pytest.mark.parametrize("query", ODD, ids=range(len(ODD)))
def test_odd_queries_are_answered_as_soon_as_the_home_page(client: Client, query: str) -> None:
    """Most take a third as long as the home page, those of signs alone as long."""
    for path in ("/search/", "/search.json"):
        asked = address(path, q=query)
        assert client.get(asked).status_code in {200, 400}
        assert time_ratio(lambda asked=asked: client.get(asked), lambda: client.get("/")) < 1.7


@pytest.mark.parametrize("query", ["%00", "%00%00%25", "%ff%fe", "%ed%a0%80", "%", "%zz", "%F0%9F%90%9F", "%C0%80"])
def test_bytes_that_are_no_text_are_answered(client: Client, query: str) -> None:
    for path in ("/search/", "/search.json"):
        assert client.get(f"{path}?q={query}").status_code in {200, 400}


@pytest.mark.parametrize("length", [201, 100_000])
def test_what_is_too_long_is_refused_with_a_sentence(client: Client, length: int) -> None:
    sentence = "検索する語句は200文字までです。短くして検索してください。"
    response = client.get(address(q="農" * length))
    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert len(response.content) < 20_000
    response = client.get(address("/search.json", q="農" * length))
    assert (response.status_code, json.loads(response.content)) == (400, {"errors": [sentence]})
    asked = address(q="農" * length)
    assert time_ratio(lambda: client.get(asked), lambda: client.get("/")) < 1


VIEWS = (
    "/search/",
    address(q="事業"),
    address(q="事業 内訳", page=2),
    address(q="ことば1 よみ1"),
    address(q="1", kind="listing", area="1", department="d1", year="2024"),
    address(q="1", area="1"),
    address(q="ない ことば9 ばかり"),
    address("/search.json", q="事業"),
)


@pytest.mark.slow
def test_queries_do_not_grow_with_what_is_found() -> None:
    def queries(size: int) -> dict[str, int]:
        load_folder(generate_folder(size, years=[2022, 2023, 2024]), replace=True)
        counts = {}
        for view in VIEWS:
            with CaptureQueriesContext(connection) as captured:
                assert Client().get(view).status_code in {200, 400}, view
            counts[view] = len(captured)
        return counts

    one, three = queries(1), queries(3)
    # The money of kinds that are not on the page is not asked for.
    assert all(three[view] <= one[view] for view in VIEWS)
    assert max(one.values()) <= 12


def test_a_preview_finds_what_is_proposed(client: Client) -> None:
    author = User.objects.create_superuser("bureau")
    one = make_open_set(lambda: Project.objects.filter(code="workation").update(name="ふしぎな名の事業"))
    one.author = author
    one.save()
    client.force_login(author)
    before = SearchDocument.objects.get(code="workation").title
    html = client.get(f"{one.get_absolute_url()}preview/search/?q=ふしぎな").content.decode()
    assert "<mark>ふしぎな</mark>名の事業" in html
    assert re.search(r'<a href="[^"]+/preview/projects/workation/">', html)
    assert SearchDocument.objects.get(code="workation").title == before
    assert "見つかりませんでした" in client.get("/search/?q=ふしぎな").content.decode()


TABLES = {
    "/projects.json": ("けんせつでぃー", "ｹﾝｾﾂﾃﾞｨｰ", "建設dx", "建設ＤＸ 加速"),
    "/budgets.json": ("わーけーしょん", "ﾜｰｹｰｼｮﾝ", "ワーケ－ション"),
    "/listings.json": ("すまーと農業", "ｽﾏｰﾄ農業", "スマート 農業"),
    "/sakigake.json": ("わーけーしょん", "ﾜｰｹｰｼｮﾝ", "ワーケーション"),
}


@pytest.mark.parametrize("path", TABLES)
def test_tables_find_what_the_search_finds(client: Client, path: str) -> None:
    def rows(query: str) -> list[Any]:
        content: list[Any] = json.loads(client.get(address(path, q=query)).getvalue())["rows"]
        return content

    first, *others = TABLES[path]
    assert rows(first)
    assert all(rows(other) == rows(first) for other in others)
    assert rows(f"{first} ないことば") == []
    assert rows(f"{first} -ないことば") == rows(first)
