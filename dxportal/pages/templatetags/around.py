"""What stands around every page: the menu above it, and below it what is said of the plan.

Functions, as the small pieces are (pieces.py): thirty words to be translated take a third of a small page's time as
nodes of a template.
"""

from __future__ import annotations

from datetime import date
from html import escape
from typing import Any

from django import template
from django.utils.dateformat import format as written
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from dxportal.changes.public import updated_on

register = template.Library()


@register.filter
def menu(plan: Any, path: str) -> SafeString:
    """The main pages of what is there of a plan; the one with this path is marked."""
    pages = (
        ("/plan/", gettext("計画"), True),
        ("/pillars/", gettext("柱"), getattr(plan, "has_pillars", False)),
        ("/areas/", gettext("分野"), getattr(plan, "has_areas", False)),
        ("/sakigake/", getattr(plan, "sakigake_label", ""), getattr(plan, "has_sakigake", False)),
        ("/projects/", gettext("事業"), True),
        ("/budgets/", gettext("予算"), True),
        ("/departments/", gettext("部局"), True),
        ("/promotion/", gettext("推進体制"), getattr(plan, "has_promotion", False)),
        ("/strategy/", gettext("総合戦略"), getattr(plan, "has_strategy", False)),
        ("/sources/", gettext("資料"), True),
    )
    links = [
        f'<li><a href="{href}"{current(href, path)}>{escape(label)}</a></li>' for href, label, there in pages if there
    ]
    return SafeString("\n".join(links))


@register.filter
def other_pages(path: str) -> SafeString:
    """The pages that the foot of a page leads to."""
    pages = ("/search/", gettext("ことばから探す")), ("/changes/", gettext("変更の記録"))
    return SafeString("　".join(f'<a href="{href}"{current(href, path)}>{escape(label)}</a>' for href, label in pages))


def current(href: str, path: str) -> str:
    return ' aria-current="page"' if href == path else ""


@register.filter
def publication(plan: Any) -> SafeString:
    """Terms and descriptions: whose plan it is, in which state, since when, and how it may be used."""
    day: date = updated_on(plan)
    official = gettext("発行者の公式サイト") if plan.is_official else gettext("発行者の公式サイトではありません")
    said = (
        (gettext("計画の状態"), escape(plan.status or gettext("確定"))),
        (gettext("発行者"), escape(plan.publisher)),
        (gettext("このサイト"), escape(official)),
        (gettext("利用条件"), escape(plan.licence)),
        (gettext("更新日"), f'<time datetime="{day.isoformat()}">{escape(written(day, "Y年n月j日"))}</time>'),
    )
    return SafeString("\n".join(f"<dt>{escape(term)}</dt>\n<dd>{description}</dd>" for term, description in said))
