"""What stands around every page says what the plan says, and marks where the reader is."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.test import Client

from dxportal.public.site import PublicSitemap
from dxportal.public.templatetags.layout import (
    breadcrumb,
    menu,
    menu_of,
    other_pages,
    other_pages_of,
    publication,
    search_form,
)

no_database = pytest.mark.on_no_database

SECTIONS = {f"has_{name}": True for name in ("pillars", "areas", "sakigake", "promotion", "strategy")}


def plan(**changes: object) -> SimpleNamespace:
    said = {"status": "案<1>", "publisher": "山口県&市", "licence": "出典を<書く>", "is_official": False}
    said |= {"updated_on": date(2021, 11, 22), "sakigake_label": "魁<プロジェクト>"}
    return SimpleNamespace(**said | SECTIONS | changes)


def hrefs(html: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', html)


@no_database
def test_the_menu_leads_to_what_is_there_of_the_plan() -> None:
    fixed = ["/plan/", "/projects/", "/budgets/", "/departments/", "/sources/"]
    whole = hrefs(menu(plan(), "/"))
    assert whole == [
        *("/plan/", "/pillars/", "/areas/", "/sakigake/", "/projects/"),
        *("/budgets/", "/departments/", "/promotion/", "/strategy/", "/sources/"),
    ]
    assert hrefs(menu(None, "/")) == hrefs(menu(plan(**dict.fromkeys(SECTIONS, False)), "/")) == fixed
    assert hrefs(menu(plan(has_areas=False), "/")) == [href for href in whole if href != "/areas/"]
    assert ">魁&lt;プロジェクト&gt;</a>" in menu(plan(), "/")


@no_database
def test_where_the_reader_is_is_marked() -> None:
    assert re.findall(r'href="(\S+)" aria-current="page"', menu(plan(), "/areas/")) == ["/areas/"]
    assert re.findall(r'href="(\S+)" aria-current="page"', other_pages("/search/")) == ["/search/"]
    for path in ("/areas/3/", "/domains/3-1/", "/goals/3-1-1/", "/listings/"):
        assert re.findall(r'href="(\S+)" aria-current="true"', menu(plan(), path)) == ["/areas/"]
    for path in ("/", "/nowhere/", "/areas-and-more/", "/search/", "/admin/"):
        assert "aria-current" not in menu(plan(), path)
    assert "aria-current" not in other_pages("/areas/3/")
    assert "aria-current" not in menu(plan(has_areas=False), "/goals/3-1-1/")
    assert hrefs(other_pages("/")) == ["/search/", "/changes/"]


@no_database
def test_the_foot_says_whose_plan_it_is_and_since_when() -> None:
    said = publication(plan())
    assert re.findall(r"<dt>(.*)</dt>\n<dd>(.*)</dd>", said) == [
        ("計画の状態", "案&lt;1&gt;"),
        ("発行者", "山口県&amp;市"),
        ("このサイト", "発行者の公式サイトではありません"),
        ("利用条件", "出典を&lt;書く&gt;"),
        ("更新日", '<time datetime="2021-11-22">2021年11月22日</time>'),
    ]
    assert "<dd>確定</dd>" in publication(plan(status=""))
    assert "<dd>発行者の公式サイト</dd>" in publication(plan(is_official=True))
    later = datetime(2022, 4, 1, 20, tzinfo=UTC)  # already the next day in Japan
    assert "2022年4月2日" in publication(plan(last_published_at=later))


@no_database
def test_paths_that_are_asked_for_are_not_kept() -> None:
    menu(plan(), "/nowhere/")
    other_pages("/nowhere/")
    there = menu_of.cache_info().currsize, other_pages_of.cache_info().currsize
    for number in range(20):
        menu(plan(), f"/{number}/")
        other_pages(f"/{number}/")
    assert (menu_of.cache_info().currsize, other_pages_of.cache_info().currsize) == there


@no_database
def test_what_was_typed_stays_in_the_form_and_is_never_markup() -> None:
    assert 'name="q" value="&quot;&gt;&lt;b&gt;農業"' in search_form('"><b>農業')
    assert 'name="q" value=""' in search_form("")


@no_database
def test_a_page_stands_under_those_above_it() -> None:
    html = breadcrumb("道<づくり", [("分野&", "/areas/?a=1&b=2"), ("柱", "/pillars/")])
    assert re.findall(r'<a href="(\S+)">(\S+)</a>', html) == [
        ("/", "ホーム"),
        ("/areas/?a=1&amp;b=2", "分野&amp;"),
        ("/pillars/", "柱"),
    ]
    assert html.count("<li") == 4
    assert '<li aria-current="page">道&lt;づくり</li>' in html
    assert breadcrumb("道").count("<li") == 2


@pytest.mark.django_db
def test_every_page_marks_the_one_section_that_it_stands_in(client: Client) -> None:
    marked: dict[str, int] = {}
    for path in PublicSitemap().items():
        html = client.get(path).content.decode()
        start = html.index('<ul class="menu">')
        marked[path] = html.count("aria-current", start, html.index("</ul>", start))
    assert {path for path, count in marked.items() if count != 1} == {"/", "/search/", "/changes/"}
