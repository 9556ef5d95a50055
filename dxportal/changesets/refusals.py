"""Exceptions for edits that the catalogue refuses; their text is a sentence for staff."""

from __future__ import annotations

from django.utils.translation import gettext


class RefusedByCatalogueError(Exception):
    """An edit that would break a constraint or a rule of the catalogue."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(
            reason or gettext("同じ値が二つある、参照先がないなど、カタログの決まりに反します。値を確かめてください。")
        )


class BrokenRuleError(RefusedByCatalogueError):
    """An edit that breaks a rule between rows; the text names the row and what to do."""


class DuplicateNameError(BrokenRuleError):
    """An edit after which two rows have the same normalised name; the text names both."""


class NotReplayableError(RefusedByCatalogueError):
    """A stored change with a table or column that this version of the portal does not have."""
