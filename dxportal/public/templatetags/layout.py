"""Links of the page frame: the menu and the footer, each marked if it is current."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()

# Address, label, and the attribute of the plan that must be true; an empty label is the plan's name for its Sakigake
# projects.
MENU = (
    ("/plan/", _("計画"), ""),
    ("/pillars/", _("柱"), "has_pillars"),
    ("/areas/", _("分野"), "has_areas"),
    ("/sakigake/", "", "has_sakigake"),
    ("/projects/", _("事業"), ""),
    ("/budgets/", _("予算"), ""),
    ("/departments/", _("部局"), ""),
    ("/promotion/", _("推進体制"), "has_promotion"),
    ("/strategy/", _("総合戦略"), "has_strategy"),
    ("/sources/", _("資料"), ""),
)
FOOTER = (("/search/", _("サイト内検索")), ("/changes/", _("変更の記録")))
# Pages of a section whose addresses do not begin with that of the section.
SECTION_OF = {"/domains/": "/areas/", "/goals/": "/areas/", "/listings/": "/areas/"}


@dataclass(frozen=True)
class Link:
    """A link; `aria_current` is "page" on the page itself, "true" on pages below it, otherwise ""."""

    label: Any
    href: str
    aria_current: str


@register.filter
def menu(plan: Any, path: str) -> list[Link]:
    """Return links to the main pages, without those of parts that the plan lacks."""
    return [
        Link(label or plan.sakigake_label, href, aria_current_value(href, path))
        for href, label, needed in MENU
        if not needed or getattr(plan, needed, False)
    ]


@register.filter
def footer(path: str) -> list[Link]:
    """Return the links of the footer."""
    return [Link(label, href, aria_current_value(href, path)) for href, label in FOOTER]


def aria_current_value(href: str, path: str) -> str:
    if path == href:
        return "page"
    first = "/" + path.lstrip("/").partition("/")[0] + "/"
    return "true" if SECTION_OF.get(first, first) == href else ""
