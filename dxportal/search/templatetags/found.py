"""How what was found is marked on a page."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.safestring import SafeString

from dxportal.search.excerpts import Piece

register = template.Library()


@register.filter
def with_marks(pieces: Iterable[Piece]) -> SafeString:
    """Stretches of printed text, each escaped, those that were found in <mark>."""
    return SafeString("".join(map(shown, pieces)))


def shown(piece: Piece) -> str:
    return f"<mark>{escape(piece.text)}</mark>" if piece.is_found else escape(piece.text)
