"""How what was found is marked on a page."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dxportal.search.excerpts import Piece

register = template.Library()


@register.filter
def with_marks(pieces: Iterable[Piece]) -> SafeString:
    """Stretches of printed text, each escaped, those that were found in <mark>."""
    return format_html_join("", "{}", ((shown(piece),) for piece in pieces))


def shown(piece: Piece) -> str:
    return format_html("<mark>{}</mark>", piece.text) if piece.is_found else piece.text
