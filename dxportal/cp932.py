"""CP932 (Shift_JIS as Windows uses it): encoding with replacement of unencodable characters, and a report of them."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext

from catalog.hidden_characters import is_variation_selector

REPLACEMENT = "〓"  # geta, the printers' mark for a missing type
ERROR_HANDLER = "geta"
MAX_OCCURRENCES = 20
MAX_NAMED_CHARACTERS = 10


def replace_unencodable(error: UnicodeError) -> tuple[str, int]:
    """Drop a variation selector and replace any other character by 〓. Error handler for codecs."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    unencodable = error.object[error.start : error.end]
    return "".join("" if is_variation_selector(one) else REPLACEMENT for one in unencodable), error.end


codecs.register_error(ERROR_HANDLER, replace_unencodable)


def encode(text: str) -> bytes:
    """Encode a text in CP932 with replacement of unencodable characters."""
    return text.encode("cp932", ERROR_HANDLER)


def decode_round_trip(text: str) -> str:
    """Encode and decode a text: `𠮷` → `〓`; `〜` → `～`, because the codec maps both to one code."""
    return encode(text).decode("cp932")


def is_encodable(text: str) -> bool:
    """Tell whether a text survives a round trip through CP932."""
    return text.isascii() or text.encode("cp932", "ignore").decode("cp932") == text


def replaced_characters(text: str) -> list[str]:
    """Return the distinct characters of a text that do not survive a round trip, in order of appearance."""
    return [] if is_encodable(text) else [one for one in dict.fromkeys(text) if not is_encodable(one)]


def describe_replacements(texts: Iterable[str]) -> str:
    """Describe in a sentence which characters CP932 replaces; the empty string if none."""
    replaced = list(dict.fromkeys(one for text in texts for one in replaced_characters(text)))
    if not replaced:
        return ""
    shown = gettext("、").join(map(describe_replacement, replaced[:MAX_NAMED_CHARACTERS]))
    more = gettext("など%(count)s字") % {"count": len(replaced)} if len(replaced) > MAX_NAMED_CHARACTERS else ""
    return gettext("CP932（シフトJIS）のCSVでは、表せない文字が置き換わります：%(shown)s%(more)s。") % {
        "shown": shown,
        "more": more,
    }


def describe_replacement(character: str) -> str:
    values = {"character": character, "code": f"{ord(character):04X}", "instead": decode_round_trip(character)}
    if is_variation_selector(character):
        return gettext("異体字の指定（U+%(code)s）は除かれます") % values
    return gettext("「%(character)s」（U+%(code)s）は%(instead)sになります") % values


class ReplacedCharacters:
    """Report of the characters in a table that CP932 replaces: all are counted, the first MAX_OCCURRENCES are named.

    Columns are scanned chunk by chunk while a file or a page of the table is written, so no row is read for it.
    """

    def __init__(self) -> None:
        self.occurrences: list[tuple[int, str, str]] = []  # row of the file, label of the column, character
        self.count = 0

    def scan(self, label: Any, values: Sequence[Any], first_row: int) -> None:
        """Scan the values of one column in consecutive rows, from row `first_row` of the file."""
        texts = {value for value in values if isinstance(value, str)}
        if is_encodable("".join(texts)):
            return
        replaced = {text: found for text in texts if (found := replaced_characters(text))}
        for row, value in enumerate(values, first_row):
            for character in replaced.get(value, ()):
                self.count += 1
                if len(self.occurrences) < MAX_OCCURRENCES:
                    self.occurrences.append((row, str(label), character))

    @property
    def descriptions(self) -> list[tuple[str, str]]:
        """Location and replacement of the first occurrences, by row, and the number of the others."""
        place = gettext("%(row)s行目の「%(label)s」")
        found = [
            (place % {"row": row, "label": label}, describe_replacement(character))
            for row, label, character in sorted(self.occurrences, key=lambda place: place[0])
        ]
        if self.count > len(self.occurrences):
            found.append((gettext("ほか"), gettext("%(count)sか所") % {"count": self.count - len(self.occurrences)}))
        return found

    @property
    def notes(self) -> list[str]:
        """The occurrences as a list of one sentence, empty if there are none."""
        if not self.count:
            return []
        told = gettext("、").join(f"{place}：{change}" for place, change in self.descriptions)
        return [gettext("CP932（シフトJIS）のCSVでは、表せない文字が置き換わります。%(told)s。") % {"told": told}]
