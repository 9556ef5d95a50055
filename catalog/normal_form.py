"""The form in which the catalogue keeps texts: the one that a person sees, and no other that looks the same."""

from __future__ import annotations

import re
import unicodedata

from catalog.hidden_characters import normalize_line_breaks

HALF_WIDTH_KATAKANA = re.compile("[\uff61-\uff9f]+")


def widen_katakana(text: str) -> str:
    """Return a text with full-width katakana and composed characters (NFC)."""
    return unicodedata.normalize(
        "NFC", HALF_WIDTH_KATAKANA.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text)
    )


def normalize_text(text: str) -> str:
    """Return a text with line feeds as line ends, full-width katakana, NFC, and no outer white space."""
    return widen_katakana(normalize_line_breaks(text)).strip()
