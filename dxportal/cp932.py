"""CP932 (Shift_JIS as Windows has it): how texts are encoded that it cannot hold, and where such texts stand."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext

from catalog.hidden_characters import is_variation_selector

REPLACEMENT = "〓"  # what printers set for a type that they lack
ERROR_HANDLER = "geta"
MAX_OCCURRENCES = 20
MAX_NAMED_CHARACTERS = 10


def replace_unencodable(error: UnicodeError) -> tuple[str, int]:
    """Error handler of codecs: a variation selector is left out, any other character becomes 〓."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    unencodable = error.object[error.start : error.end]
    return "".join("" if is_variation_selector(one) else REPLACEMENT for one in unencodable), error.end


codecs.register_error(ERROR_HANDLER, replace_unencodable)


def encode(text: str) -> bytes:
    """Encode a text in CP932; what it lacks is replaced."""
    return text.encode("cp932", ERROR_HANDLER)


def decode_round_trip(text: str) -> str:
    """A text as it is read from a file in CP932: `〓` for `𠮷`; `～` for `〜`, for the codec holds them to be one."""
    return encode(text).decode("cp932")


def is_encodable(text: str) -> bool:
    """Whether a file in CP932 gives a text back as it is."""
    return text.isascii() or text.encode("cp932", "ignore").decode("cp932") == text


def replaced_characters(text: str) -> list[str]:
    """The characters of a text that a file in CP932 does not give back, each once, in their order."""
    return [] if is_encodable(text) else [one for one in dict.fromkeys(text) if not is_encodable(one)]


def describe_replacements(texts: Iterable[str]) -> str:
    """Say in a sentence what becomes of characters in a file in CP932; nothing where all are kept."""
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
    """The places of a table whose characters a file in CP932 replaces: all are counted, the first are named.

    Columns are looked at chunk by chunk while another file or a page of the table is written, each text once: nothing
    is read for it.
    """

    def __init__(self) -> None:
        self.occurrences: list[tuple[int, str, str]] = []  # row of the file, label of the column, character
        self.count = 0

    def scan(self, label: Any, values: Sequence[Any], first_row: int) -> None:
        """Look at the values of one column in consecutive rows."""
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
        """Place and what becomes of the character, for the first places in the order of rows."""
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
        """The places in one sentence; none where there are none."""
        if not self.count:
            return []
        told = gettext("、").join(f"{place}：{change}" for place, change in self.descriptions)
        return [gettext("CP932（シフトJIS）のCSVでは、表せない文字が置き換わります。%(told)s。") % {"told": told}]
