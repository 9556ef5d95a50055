"""The small pieces that stand a hundred times on a page: amounts, marks, places of the print.

They are functions, because including a template takes twenty times as long as saying what is in it. Each gives safe
HTML: every text that is put into it goes through `escape`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from budgets.totals import Total
from dxportal.money_and_years import money, money_pattern, money_words, sign

register = template.Library()
BLANK_LINES = re.compile(r"\r?\n[^\S\n]*\r?\n\s*")


@register.filter
def amount(thousand_yen: int | None, unit: str | None = None) -> SafeString:
    """An amount of money; None, which is not 0, is called not stated. In `words` 万円・億円 stand before the figure."""
    if thousand_yen is None:
        return SafeString(f'<span class="money money-none">{escape(money(None))}</span>')
    said = escape(money(thousand_yen))
    if unit == "words":
        said = f"{escape(money_words(thousand_yen))}<br><small>{said}</small>"
    return SafeString(f'<span class="money">{said}</span>')


def amounts(unit: str | None) -> Callable[[int | None], str]:
    """What writes amounts as `amount` does: its words are asked for once for a whole column."""
    if unit == "words":
        return lambda thousand_yen: amount(thousand_yen, unit)
    nothing, (before, behind) = amount(None), around_amounts()
    opening, closing = f'<span class="money">{before}', f"{behind}</span>"
    return lambda thousand_yen: nothing if thousand_yen is None else f"{opening}{thousand_yen:,}{closing}"


def around_amounts() -> tuple[str, str]:
    """What stands before and behind the figure of an amount, as HTML."""
    before, _, behind = escape(money_pattern()).partition("%(amount)s")
    return before, behind


@register.simple_tag
def figure(stated: Any, thousand_yen: int | None, unit: str | None = None) -> SafeString:
    """A sum, where anything states it; a sum of nothing is not 0."""
    return amount(thousand_yen if stated else None, unit)


@register.simple_tag
def figures(total: Total, unit: str | None) -> SafeString:
    """The cells of a total: expenditure, lending limit, how many rows state an amount and how many none."""
    return figures_in(unit)(total)


def figures_in(unit: str | None) -> Callable[[Total], SafeString]:
    """What writes the cells of totals as `figures` does: their words are asked for once for a whole table."""
    amount = amounts(unit)
    labels = (gettext("予算額"), gettext("融資枠"), gettext("額のある行"), gettext("額の記載がない行"))
    openings = [f'<td class="number" data-label="{escape(label)}">' for label in labels]

    def write(total: Total) -> SafeString:
        cells = (
            amount(total.expenditure_thousand_yen if total.expenditure_rows else None),
            amount(total.lending_limit_thousand_yen) if total.lending_limit_rows else "－",
            f"{total.counted_rows:,}",
            f"{total.not_stated_rows:,}",
        )
        return SafeString("".join([f"{opening}{cell}</td>" for opening, cell in zip(openings, cells, strict=True)]))

    return write


def differences() -> Callable[[int], str]:
    """What writes differences as `signed` does, for a whole column."""
    before, behind = around_amounts()
    return lambda thousand_yen: f"{sign(thousand_yen)}{before}{abs(thousand_yen):,}{behind}"


@register.filter
def badge(text: Any, strong: str = "") -> SafeString:
    """A mark in words; `text|badge:"strong"` stands out."""
    return SafeString(f'<span class="badge{" badge-strong" if strong else ""}">{escape(str(text))}</span>')


@register.filter
def marked(text: str, mark: str) -> SafeString:
    """A printed text with its mark of the revision: 新 stands before it, （修正） behind it, as printed."""
    new = f"{badge(gettext('新'), 'strong')} " if mark == "new" else ""
    revised = f" {badge(gettext('（修正）'), 'strong')}" if mark == "revised" else ""
    return SafeString(f"{new}{line_breaks(text)}{revised}")


@register.filter
def bar(percent: float | str, whole: str = "") -> SafeString:
    """0 to 100 per cent as a bar, `percent|bar:"whole"` before the whole; the number itself always stands beside it."""
    behind = '<rect class="bar-whole" width="100" height="12"/>' if whole else ""
    return SafeString(
        '<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'{behind}<rect width="{escape(str(percent))}" height="12"/></svg>'
    )


@register.filter
def sakigake_number(number: int) -> SafeString:
    return SafeString(f'<span class="sakigake-number">{number}</span>')


@register.filter
def editorial_note(note: str | None) -> SafeString:
    """What the paper does not show; nothing where there is no such note."""
    if not note:
        return SafeString()
    return SafeString(f'<p class="editorial-note"><strong>{escape(gettext("編集注"))}</strong> {line_breaks(note)}</p>')


@register.filter
def pages(row: Any) -> str:
    """The page on which a row is printed, or the pages, where it has a `page_to`."""
    if getattr(row, "page_to", None):
        return gettext("%(first)s〜%(last)sページ") % {"first": row.page, "last": row.page_to}
    return gettext("%(page)sページ") % {"page": row.page}


@register.filter
def citation(row: Any) -> SafeString:
    """A link to where a row with `document` and `page` is printed."""
    if not row.document:
        return SafeString(f'<span class="citation">{escape(gettext("資料に印刷はありません"))}</span>')
    place = f"{escape(row.document.label)} {escape(pages(row))}"
    return SafeString(f'<cite class="citation"><a href="/sources/{row.document.number}/{row.page}/">{place}</a></cite>')


@register.filter
def line_breaks(text: str) -> SafeString:
    """A text of the catalogue as HTML, within a line of the page: its lines stay lines."""
    written = escape(text)
    return SafeString(written.strip().replace("\r\n", "\n").replace("\n", "<br>") if "\n" in written else written)


@register.filter
def paragraphs(text: str) -> SafeString:
    """A text of the catalogue as HTML, in paragraphs where blank lines part it."""
    pieces = BLANK_LINES.split(text.strip()) if "\n" in text else [text]
    return SafeString("\n".join(f"<p>{line_breaks(piece)}</p>" for piece in pieces))


@register.filter
def switch(choices: Iterable[Any], which: str = "") -> SafeString:
    """Links (`label`, `href`, `is_current`) of which one is where the reader is.

    Views of the same rows are not followed by machines; `choices|switch:"followed"` are pages of their own.
    """
    rel = "" if which == "followed" else ' rel="nofollow"'
    said = "".join(
        f'<li><span aria-current="true">{escape(str(one.label))}</span></li>'
        if one.is_current
        else f'<li><a href="{escape(one.href)}"{rel}>{escape(str(one.label))}</a></li>'
        for one in choices
    )
    return SafeString(f'<ul class="switch control">{said}</ul>')


@register.filter
def boxes(passage: Any) -> SafeString:
    """The boxes inside a passage (a branch), and those inside them; pages are named where they are others."""
    if not passage.children:
        return SafeString()
    said = []
    for box in passage.children:
        row = box.row
        heading = f"<strong>{escape(row.heading)}</strong> " if row.heading else ""
        place = f" {citation(row)}" if row.page != passage.row.page else ""
        note = editorial_note(row.editorial_note)
        text = line_breaks(row.text)
        said.append(f'<li id="passage-{escape(row.code)}">{heading}{text}{place} {note}{boxes(box)}</li>')
    return SafeString("\n".join(["<ul>", *said, "</ul>"]))


def link(row: Any, words: str) -> SafeString:
    """To the page of a row."""
    return SafeString(f'<a href="{escape(row.get_absolute_url())}">{escape(words)}</a>')
