"""The frame of every page: it names the plan and marks the current section."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.test import Client

from dxportal.public.sitemap import PublicSitemap
from dxportal.public.templatetags.layout import Link, footer, menu

no_database = pytest.mark.on_no_database

SECTIONS = {f"has_{name}": True for name in ("pillars", "areas", "sakigake", "promotion", "strategy")}


def plan(**changes: object) -> SimpleNamespace:
    said = {"status": "案<1>", "publisher": "山口県&市", "licence": "出典を<書く>", "is_official": False}
    said |= {"updated_on": date(2021, 11, 22), "sakigake_label": "魁<プロジェクト>"}
    return SimpleNamespace(**said | SECTIONS | changes)


def hrefs(links: list[Link]) -> list[str]:
    return [link.href for link in links]


def current(links: list[Link]) -> dict[str, str]:
    return {link.href: link.aria_current for link in links if link.aria_current}


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
    assert next(link.label for link in menu(plan(), "/") if link.href == "/sakigake/") == "魁<プロジェクト>"


@no_database
def test_where_the_reader_is_is_marked() -> None:
    assert current(menu(plan(), "/areas/")) == {"/areas/": "page"}
    assert current(footer("/search/")) == {"/search/": "page"}
    for path in ("/areas/3/", "/domains/3-1/", "/goals/3-1-1/", "/listings/"):
        assert current(menu(plan(), path)) == {"/areas/": "true"}
    for path in ("/", "/nowhere/", "/areas-and-more/", "/search/", "/admin/", ""):
        assert current(menu(plan(), path)) == {}
    assert current(footer("/areas/3/")) == {}
    assert current(menu(plan(has_areas=False), "/goals/3-1-1/")) == {}
    assert hrefs(footer("/")) == ["/search/", "/changes/"]


@no_database
def test_the_foot_says_whose_plan_it_is_and_since_when() -> None:
    def publication(plan: SimpleNamespace) -> str:
        return render_to_string("_components/publication.html", {"plan": plan})

    assert re.findall(r"<dt>(.*)</dt>\s*<dd>(.*)</dd>", publication(plan())) == [
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
def test_what_was_typed_stays_in_the_form_and_is_never_markup() -> None:
    def search_form(query: str) -> str:
        return render_to_string("_components/search_form.html", {"query": query})

    assert 'name="q" value="&quot;&gt;&lt;b&gt;農業"' in search_form('"><b>農業')
    assert 'name="q" value=""' in search_form("")


@no_database
def test_a_page_stands_under_those_above_it() -> None:
    above = [("分野&", "/areas/?a=1&b=2"), ("柱", "/pillars/")]
    html = render_to_string("_components/breadcrumb.html", {"here": "道<づくり", "trail": above})
    assert re.findall(r'<a href="(\S+)">(\S+)</a>', html) == [
        ("/", "ホーム"),
        ("/areas/?a=1&amp;b=2", "分野&amp;"),
        ("/pillars/", "柱"),
    ]
    assert html.count("<li") == 4
    assert '<li aria-current="page">道&lt;づくり</li>' in html
    assert render_to_string("_components/breadcrumb.html", {"here": "道"}).count("<li") == 2


@pytest.mark.django_db
def test_every_page_marks_the_one_section_that_it_stands_in(client: Client) -> None:
    marked: dict[str, int] = {}
    for path in PublicSitemap().items():
        html = client.get(path).content.decode()
        start = html.index('<ul class="menu">')
        marked[path] = html.count("aria-current", start, html.index("</ul>", start))
    assert {path for path, count in marked.items() if count != 1} == {"/", "/search/", "/changes/"}
