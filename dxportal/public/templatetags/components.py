"""Components that are functions rather than templates, because a page has hundreds of them.

All other HTML is in templates: no other Python module contains tags (tests/templates/test_html.py).
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


def render_html(pattern: str, *values: Any) -> SafeString:
    """Insert values into a pattern of tags, escaped unless they are SafeString.

    Django's `format_html` does the same but takes four times as long, 3 of the 15 ms of a page with a table.
    """
    return SafeString(
        pattern.format(*[value if isinstance(value, SafeString) else escape(str(value)) for value in values])
    )


@register.filter
def amount(thousand_yen: int | None, unit: str | None = None) -> SafeString:
    """Render an amount; None is 記載なし, never 0. With unit `words` 万円・億円 precede the exact figure."""
    if thousand_yen is None:
        return render_html('<span class="money money-none">{}</span>', money(None))
    if unit == "words":
        words = read_aloud(money_words(thousand_yen))
        return render_html('<span class="money">{}<br><small>{}</small></span>', words, read_aloud(money(thousand_yen)))
    return render_html('<span class="money">{}</span>', read_aloud(money(thousand_yen)))


def read_aloud(words: str) -> str:
    """Name the △ of a reduction for screen readers, which would say “triangle”."""
    if not words.startswith("△"):
        return words
    return render_html('<span role="img" aria-label="{}">△</span>{}', gettext("マイナス"), words[1:])


@register.simple_tag
def figure(stated: Any, thousand_yen: int | None, unit: str | None = None) -> SafeString:
    """Render a sum; 記載なし if nothing states it, which is not 0."""
    return amount(thousand_yen if stated else None, unit)


@register.filter
def alarm_figure(words: str) -> SafeString:
    """Render a figure that should be 0, as a warning."""
    return render_html('<strong class="alarm-figure">{}</strong>', words)


@register.filter
def badge(text: Any, strong: str = "") -> SafeString:
    """Render a badge; `text|badge:"strong"` is emphasised."""
    return render_html('<span class="badge{}">{}</span>', " badge-strong" if strong else "", text)


@register.filter
def quiet(text: str) -> SafeString:
    """Render de-emphasised text."""
    return render_html('<span class="quiet">{}</span>', text)


@register.filter
def with_revision_mark(text: str, mark: str) -> SafeString:
    """Render a printed text with its revision mark, as printed: 新 before it, （修正） after it."""
    match mark:
        case "new":
            return render_html("{} {}", badge(gettext("新"), "strong"), line_breaks(text))
        case "revised":
            return render_html("{} {}", line_breaks(text), badge(gettext("（修正）"), "strong"))
    return line_breaks(text)


@register.filter
def bar(percent: float | str, whole: str = "") -> SafeString:
    """Render 0 to 100 per cent as a bar; `percent|bar:"whole"` outlines 100 per cent. The caller shows the number."""
    rectangles = render_html('<rect width="{}" height="12"/>', percent)
    if whole:
        rectangles = render_html('<rect class="bar-whole" width="100" height="12"/>{}', rectangles)
    frame = 'class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true" focusable="false"'
    return render_html("<svg " + frame + ">{}</svg>", rectangles)


@register.filter
def sakigake_number(number: int) -> SafeString:
    return render_html('<span class="sakigake-number">{}</span>', number)


@register.filter
def editorial_note(note: str | None) -> SafeString:
    """Render an editor's note, on what the paper does not show; empty without a note."""
    if not note:
        return SafeString()
    words = line_breaks(note)
    return render_html('<p class="editorial-note"><strong>{}</strong> {}</p>', gettext("編集注"), words)


@register.filter
def pages(row: Any) -> str:
    """Write the page on which a row is printed, or the range if it has a `page_to`."""
    if getattr(row, "page_to", None):
        return gettext("%(first)s〜%(last)sページ") % {"first": row.page, "last": row.page_to}
    return gettext("%(page)sページ") % {"page": row.page}


@register.filter
def citation(row: Any) -> SafeString:
    """Link to the printed page of a row with `document` and `page`."""
    document = row.document
    if not document:
        return render_html('<span class="citation">{}</span>', gettext("資料に記載はありません"))
    source_link = link(f"/sources/{document.number}/{row.page}/", f"{document.label} {pages(row)}")
    return render_html('<cite class="citation">{}</cite>', source_link)


@register.filter
def appears_in(appearance: Appearance) -> SafeString:
    """Link to the page of an appearance's parent."""
    parent: Any = appearance.countermeasure or appearance.sakigake_project
    if appearance.countermeasure:
        return link(parent.get_absolute_url(), f"{parent.goal.domain.name}／{parent.goal.keyword}")
    return link(parent.get_absolute_url(), f"{parent.plan.sakigake_label} {parent}")


@register.filter
def line_breaks(text: str) -> SafeString:
    """Convert a catalogue text to inline HTML; line feeds become <br>."""
    return linebreaksbr(text.strip()) if "\n" in text else render_html("{}", text)


@register.filter
def paragraphs(text: str) -> SafeString:
    """Convert a catalogue text to paragraphs, separated at blank lines."""
    pieces = BLANK_LINES.split(text.strip()) if "\n" in text else [text]
    return format_html_join("\n", "<p>{}</p>", [(line_breaks(piece),) for piece in pieces])


@register.filter
def highlight_matches(pieces: Iterable[Any]) -> SafeString:
    """Render pieces of text (`text`, `is_match`) with matches in <mark>."""
    parts = [(render_html("<mark>{}</mark>", piece.text) if piece.is_match else piece.text,) for piece in pieces]
    return format_html_join("", "{}", parts)


def link(href: str, words: Any) -> SafeString:
    return render_html('<a href="{}">{}</a>', href, words)


def heading_cell(words: Any, href: str = "") -> SafeString:
    """Render the header cell of a row."""
    return render_html('<th scope="row">{}</th>', link(href, words) if href else words)


def cell(label: str, words: Any, href: str = "", *, is_flush_right: bool = False) -> SafeString:
    """Render a data cell; on a phone the column's label is shown beside it."""
    opening = '<td data-label="{}" class="number">' if is_flush_right else '<td data-label="{}">'
    return render_html(opening + "{}</td>", label, link(href, words) if href else words)
