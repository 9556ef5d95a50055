"""Lookup of the row that an address names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.http import Http404

FirstRow = TypeVar("FirstRow")


def get_or_404(rows: Iterable[FirstRow]) -> FirstRow:
    """Return the first row. Raises Http404 if there is none."""
    for row in rows:
        return row
    raise Http404
