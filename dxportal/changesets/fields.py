"""Text columns that truncate generated or typed text instead of failing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    CharField = models.CharField[str, str]
else:
    CharField = models.CharField  # not subscriptable at run time

MAX_SET_TITLE_LENGTH = 200
MAX_ROW_NAME_LENGTH = 500


def truncate_text(text: str, max_length: int = MAX_SET_TITLE_LENGTH) -> str:
    """Truncate a text to `max_length` characters, the last of them …."""
    return text if len(text) <= max_length else f"{text[: max_length - 1]}…"


class TruncatingCharField(CharField):
    """A CharField that truncates to `max_length` on every write, bulk writes included.

    Otherwise PostgreSQL would raise an error for a longer text and SQLite would store all of it. Migrations see a plain
    CharField.
    """

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        if not isinstance(prepared, str):
            return prepared
        return truncate_text(prepared, self.max_length or MAX_SET_TITLE_LENGTH)

    def deconstruct(self) -> Any:
        name, _, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", arguments, options
