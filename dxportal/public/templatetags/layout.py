"""What stands around every page: the menu above it, and below it what is said of the plan.

Functions, as the small pieces are (pieces.py): thirty words to be translated take a third of a small page's time as
nodes of a template. They are the same on very many pages, so each is written once for what it says.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache, lru_cache
from html import escape
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.dateformat import format as written
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from dxportal.changesets.current_plan import SECTIONS, updated_on

register = template.Library()
KEPT = 1000  # of each piece


@register.filter
@cache
def asset(name: str) -> str:
    """The address of a file of ours; the same for as long as the process lives."""
    return static(name)


@register.filter
def search_form(query: str) -> SafeString:
    """Where words are typed to be looked for; what was typed stays in it."""
    before, behind = around_query(get_language())
    return SafeString(f"{before}{escape(query)}{behind}")


@cache
def around_query(language: str | None) -> tuple[str, str]:
    label, example = escape(gettext("計画の中を探す語句")), escape(gettext("子育て、農業 など"))
    return (
        '<form class="search" action="/search/" method="get" role="search">\n<input type="search" name="q" value="',
        f'" aria-label="{label}" placeholder="{example}" maxlength="200">\n'
        f"<button>{escape(gettext('探す'))}</button>\n</form>",
    )


@register.simple_tag
def breadcrumb(here: Any, trail: Iterable[tuple[str, str]] = ()) -> SafeString:
    """The pages above a page, each a label and an address, and what this one is called."""
    before = above_all(get_language())
    above = "".join(f'<li><a href="{escape(address)}">{escape(str(label))}</a></li>\n' for label, address in trail)
    return SafeString(f'{before}{above}<li aria-current="page">{escape(str(here))}</li>\n</ol>\n</nav>')


@cache
def above_all(language: str | None) -> str:
    label, home = escape(gettext("現在地")), escape(gettext("ホーム"))
    return f'<nav class="breadcrumb" aria-label="{label}">\n<ol>\n<li><a href="/">{home}</a></li>\n'


@register.filter
def menu(plan: Any, path: str) -> SafeString:
    """The main pages of what is there of a plan; the one that the path leads to, or below, is marked."""
    sections = frozenset(name for name in SECTIONS if getattr(plan, name, False))
    section = section_of(path, MENU)
    return menu_of(get_language(), sections, getattr(plan, "sakigake_label", ""), section, path == section)


def section_of(path: str, sections: Iterable[str]) -> str:
    """The address of the section that a path stands in, "" where it is none of these."""
    first = "/" + path.lstrip("/").partition("/")[0] + "/"
    section = PARTS_OF.get(first, first)
    return section if section in sections else ""


# Addresses, and what has to be there of a plan; not every path that is asked for is kept.
MENU = {
    "/plan/": "",
    "/pillars/": "has_pillars",
    "/areas/": "has_areas",
    "/sakigake/": "has_sakigake",
    "/projects/": "",
    "/budgets/": "",
    "/departments/": "",
    "/promotion/": "has_promotion",
    "/strategy/": "has_strategy",
    "/sources/": "",
}
OTHERS = ("/search/", "/changes/")
# Pages that stand below a section without its address.
PARTS_OF = {"/domains/": "/areas/", "/goals/": "/areas/", "/listings/": "/areas/"}


@lru_cache(KEPT)
def menu_of(
    language: str | None, sections: frozenset[str], sakigake_label: str, section: str, is_its_page: bool
) -> SafeString:
    labels = (
        gettext("計画"),
        gettext("柱"),
        gettext("分野"),
        sakigake_label,
        gettext("事業"),
        gettext("予算"),
        gettext("部局"),
        gettext("推進体制"),
        gettext("総合戦略"),
        gettext("資料"),
    )
    links = [
        f'<li><a href="{href}"{current(href, section, is_its_page)}>{escape(label)}</a></li>'
        for (href, needed), label in zip(MENU.items(), labels, strict=True)
        if not needed or needed in sections
    ]
    return SafeString("\n".join(links))


@register.filter
def other_pages(path: str) -> SafeString:
    """The pages that the foot of a page leads to."""
    return other_pages_of(get_language(), section_of(path, OTHERS))


@cache
def other_pages_of(language: str | None, path: str) -> SafeString:
    pages = zip(OTHERS, (gettext("ことばから探す"), gettext("変更の記録")), strict=True)
    return SafeString(
        "　".join(f'<a href="{href}"{current(href, path, True)}>{escape(label)}</a>' for href, label in pages)
    )


def current(href: str, section: str, is_its_page: bool) -> str:
    """The attribute that marks a link: of the page itself, or of the section that the page stands in."""
    return f' aria-current="{"page" if is_its_page else "true"}"' if href == section else ""


@register.filter
def publication(plan: Any) -> SafeString:
    """Terms and descriptions: whose plan it is, in which state, since when, and how it may be used."""
    return publication_of(get_language(), plan.status, plan.publisher, plan.is_official, plan.licence, updated_on(plan))


@lru_cache(KEPT)
def publication_of(
    language: str | None, status: str, publisher: str, is_official: bool, licence: str, day: date
) -> SafeString:
    official = gettext("発行者の公式サイト") if is_official else gettext("発行者の公式サイトではありません")
    said = (
        (gettext("計画の状態"), escape(status or gettext("確定"))),
        (gettext("発行者"), escape(publisher)),
        (gettext("このサイト"), escape(official)),
        (gettext("利用条件"), escape(licence)),
        (gettext("更新日"), f'<time datetime="{day.isoformat()}">{escape(written(day, "Y年n月j日"))}</time>'),
    )
    return SafeString("\n".join(f"<dt>{escape(term)}</dt>\n<dd>{description}</dd>" for term, description in said))
