"""What was found as HTML: marks, results, and what they can be narrowed by.

Functions, because they stand twenty to a hundred times on a page (docs/adr/0015-cold-pages.md). Each text
that is put between tags goes through `escape`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from html import escape

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from dxportal.public.templatetags.components import amount, citation
from dxportal.search.counts import Count, count_formatter
from dxportal.search.excerpts import Piece
from dxportal.search.facets import Facet, Value
from dxportal.search.models import Kind
from dxportal.search.results import Result

register = template.Library()


@register.filter
def with_marks(pieces: Iterable[Piece]) -> SafeString:
    """Stretches of printed text, each escaped, those that were found in <mark>."""
    return SafeString("".join(map(shown, pieces)))


def shown(piece: Piece) -> str:
    return f"<mark>{escape(piece.text)}</mark>" if piece.is_found else escape(piece.text)


@register.filter
def as_items(results: Iterable[Result]) -> SafeString:
    """The items of a list of results, each with what shows why it was found."""
    kind = cache(lambda value: escape(str(Kind(value).label)))
    money = cache(amount)
    return SafeString("\n".join(item(result, kind(result.entry.kind), money) for result in results))


def item(result: Result, kind: str, money: Callable[[int | None], str]) -> str:
    place = f"　{with_marks(result.place)}" if result.place else ""
    lines = [
        f'<p class="quiet">{kind}{place}</p>',
        f'<h3><a href="{escape(result.entry.url)}">{with_marks(result.title)}</a></h3>',
    ]
    if result.excerpt:
        lines.append(f'<p class="excerpt">{with_marks(result.excerpt)}</p>')
    if result.through:
        words = "".join(f"「{escape(word)}」" for word in result.through)
        lines.append(f'<p class="quiet">{words}{escape(gettext("で見つかりました。"))}</p>')
    facts = [f"<span>{escape(one.label)} {money(one.thousand_yen)}</span>" for one in result.amounts]
    if result.entry.document_number:
        facts.append(citation(result.entry.citation))
    if facts:
        lines.append(f'<p class="result-facts">{" ".join(facts)}</p>')
    return f"<li>{''.join(lines)}</li>"


@register.filter
def as_links(facets: Iterable[Facet]) -> SafeString:
    """What results can be narrowed by; each value is a link, so that it works without scripts."""
    told = count_formatter()
    inside = "\n".join(details(facet, told) for facet in facets if facet.values)
    return SafeString(f'<nav class="facets" aria-label="{escape(gettext("結果を絞る"))}">\n{inside}\n</nav>')


def details(facet: Facet, told: Callable[[Count], str]) -> str:
    values = "\n".join(chosen(value, facet) if value.is_chosen else choice(value, told) for value in facet.values)
    is_open = " open" if facet.is_chosen else ""
    return f"<details{is_open}><summary>{escape(facet.heading)}</summary><ul>\n{values}\n</ul></details>"


def choice(value: Value, told: Callable[[Count], str]) -> str:
    link = f'<a href="{escape(value.href)}" rel="nofollow">{escape(value.label)}</a>'
    return f'<li>{link} <span class="quiet">{escape(told(value.count))}</span></li>'


def chosen(value: Value, facet: Facet) -> str:
    which = escape(gettext("（%(label)sの条件）") % {"label": facet.label})
    leave = f'{escape(gettext("外す"))}<span class="unseen">{which}</span>'
    words = f'<strong aria-current="true">{escape(value.label)}</strong> {escape(value.count.words)}'
    return f'<li>{words} <a href="{escape(value.href)}" rel="nofollow">{leave}</a></li>'
