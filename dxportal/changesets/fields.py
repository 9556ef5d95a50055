"""Text columns that shorten generated or typed text instead of failing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    CharField = models.CharField[str, str]
else:
    CharField = models.CharField  # not subscriptable at run time

LONGEST_TITLE = 200
LONGEST_NAME = 500


def shortened(text: str, longest: int = LONGEST_TITLE) -> str:
    """Truncate a text to `longest` characters, the last of them …."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


class ShortenedCharField(CharField):
    """A CharField that truncates to `max_length` on every write, bulk writes included.

    Otherwise PostgreSQL would raise an error for a longer text and SQLite would store all of it. Migrations see a plain
    CharField.
    """

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return shortened(prepared, self.max_length or LONGEST_TITLE) if isinstance(prepared, str) else prepared

    def deconstruct(self) -> Any:
        name, _, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", arguments, options
