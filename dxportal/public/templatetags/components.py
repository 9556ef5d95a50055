"""The components that are functions, because they stand a hundred times on a page.

All other HTML is in templates: no other module of Python holds tags (tests/templates/test_html.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Any

from django import template
from django.template.defaultfilters import linebreaksbr
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from dxportal.money_and_years import money, money_words
from projects.models import Appearance

register = template.Library()
BLANK_LINES = re.compile(r"\r?\n[^\S\n]*\r?\n\s*")


def html(pattern: str, *values: Any) -> SafeString:
    """Put values into a pattern of tags, escaped unless they are HTML already.

    Django's `format_html` does the same in four times the time, which is 3 of the 15 ms of a page with a table.
    """
    return SafeString(pattern.format(*[one if isinstance(one, SafeString) else escape(str(one)) for one in values]))


@register.filter
def amount(thousand_yen: int | None, unit: str | None = None) -> SafeString:
    """An amount of money; None, which is not 0, is called not stated. In `words` 万円・億円 stand before the figure."""
    if thousand_yen is None:
        return html('<span class="money money-none">{}</span>', money(None))
    if unit == "words":
        words = money_words(thousand_yen)
        return html('<span class="money">{}<br><small>{}</small></span>', words, money(thousand_yen))
    return html('<span class="money">{}</span>', money(thousand_yen))


@register.simple_tag
def figure(stated: Any, thousand_yen: int | None, unit: str | None = None) -> SafeString:
    """A sum, where anything states it; a sum of nothing is not 0."""
    return amount(thousand_yen if stated else None, unit)


@register.filter
def alarm_figure(words: str) -> SafeString:
    """A figure that should not be there."""
    return html('<strong class="alarm-figure">{}</strong>', words)


@register.filter
def badge(text: Any, strong: str = "") -> SafeString:
    """A mark in words; `text|badge:"strong"` stands out."""
    return html('<span class="badge{}">{}</span>', " badge-strong" if strong else "", text)


@register.filter
def quiet(text: str) -> SafeString:
    """Words that stand back."""
    return html('<span class="quiet">{}</span>', text)


@register.filter
def marked(text: str, mark: str) -> SafeString:
    """A printed text with its mark of the revision: 新 stands before it, （修正） behind it, as printed."""
    match mark:
        case "new":
            return html("{} {}", badge(gettext("新"), "strong"), line_breaks(text))
        case "revised":
            return html("{} {}", line_breaks(text), badge(gettext("（修正）"), "strong"))
    return line_breaks(text)


@register.filter
def bar(percent: float | str, whole: str = "") -> SafeString:
    """0 to 100 per cent as a bar, `percent|bar:"whole"` before the whole; the number itself always stands beside it."""
    drawn = html('<rect width="{}" height="12"/>', percent)
    if whole:
        drawn = html('<rect class="bar-whole" width="100" height="12"/>{}', drawn)
    frame = 'class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true" focusable="false"'
    return html("<svg " + frame + ">{}</svg>", drawn)


@register.filter
def sakigake_number(number: int) -> SafeString:
    return html('<span class="sakigake-number">{}</span>', number)


@register.filter
def editorial_note(note: str | None) -> SafeString:
    """What the paper does not show; nothing where there is no such note."""
    if not note:
        return SafeString()
    words = line_breaks(note)
    return html('<p class="editorial-note"><strong>{}</strong> {}</p>', gettext("編集注"), words)


@register.filter
def pages(row: Any) -> str:
    """The page on which a row is printed, or the pages, where it has a `page_to`."""
    if getattr(row, "page_to", None):
        return gettext("%(first)s〜%(last)sページ") % {"first": row.page, "last": row.page_to}
    return gettext("%(page)sページ") % {"page": row.page}


@register.filter
def citation(row: Any) -> SafeString:
    """A link to where a row with `document` and `page` is printed."""
    document = row.document
    if not document:
        return html('<span class="citation">{}</span>', gettext("資料に印刷はありません"))
    place = link(f"/sources/{document.number}/{row.page}/", f"{document.label} {pages(row)}")
    return html('<cite class="citation">{}</cite>', place)


@register.filter
def appears_in(appearance: Appearance) -> SafeString:
    """A link to the place where a project appears."""
    place: Any = appearance.countermeasure or appearance.sakigake_project
    if appearance.countermeasure:
        return link(place.get_absolute_url(), f"{place.goal.domain.name}／{place.goal.keyword}")
    return link(place.get_absolute_url(), f"{place.plan.sakigake_label} {place}")


@register.filter
def line_breaks(text: str) -> SafeString:
    """A text of the catalogue as HTML, within a line of the page: its lines stay lines."""
    return linebreaksbr(text.strip()) if "\n" in text else html("{}", text)


@register.filter
def paragraphs(text: str) -> SafeString:
    """A text of the catalogue as HTML, in paragraphs where blank lines part it."""
    pieces = BLANK_LINES.split(text.strip()) if "\n" in text else [text]
    return format_html_join("\n", "<p>{}</p>", [(line_breaks(piece),) for piece in pieces])


@register.filter
def with_marks(stretches: Iterable[Any]) -> SafeString:
    """Stretches of a text (`text`, `is_found`) of which some are what was looked for."""
    marked = [(html("<mark>{}</mark>", one.text) if one.is_found else one.text,) for one in stretches]
    return format_html_join("", "{}", marked)


def link(href: str, words: Any) -> SafeString:
    return html('<a href="{}">{}</a>', href, words)


def heading_cell(words: Any, href: str = "") -> SafeString:
    """The cell that names its row."""
    return html('<th scope="row">{}</th>', link(href, words) if href else words)


def cell(label: str, words: Any, href: str = "", *, is_flush_right: bool = False) -> SafeString:
    """A cell below the column of that label, which stands beside it on a phone."""
    opening = '<td data-label="{}" class="number">' if is_flush_right else '<td data-label="{}">'
    return html(opening + "{}</td>", label, link(href, words) if href else words)
