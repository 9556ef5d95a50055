"""Refusals of an edit by the catalogue, as sentences."""

from __future__ import annotations

from django.utils.translation import gettext


class RefusedByCatalogueError(Exception):
    """The catalogue's own rules forbid what an edit would make of it, as a sentence."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(
            reason or gettext("同じ値が二つある、参照先がないなど、カタログの決まりに反します。値を確かめてください。")
        )


class DoubledNameError(RefusedByCatalogueError):
    """Two rows would have names that are one to whoever writes them; both are named."""


class NotReplayableError(RefusedByCatalogueError):
    """A stored change that speaks of a table or field that this version of the portal does not have."""
