"""Columns of change sets for words that people or the portal have put together."""

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
    """The text, or as much of it as there is room for, with … at its end."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


class ShortenedCharField(CharField):
    """A text that is shortened to what its column holds, on whichever way it is written.

    PostgreSQL refuses a longer one with an error, SQLite stores all of it. To the database it is Django's CharField.
    """

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return shortened(prepared, self.max_length or LONGEST_TITLE) if isinstance(prepared, str) else prepared

    def deconstruct(self) -> Any:
        name, _, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", arguments, options
