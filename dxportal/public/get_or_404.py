"""The row that an address names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.http import Http404

Row = TypeVar("Row")


def found(rows: Iterable[Row]) -> Row:
    """The first of the rows; where there is none, nothing is at the address."""
    for row in rows:
        return row
    raise Http404
