"""Links to the previous and next page, in printed order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Neighbour = tuple[str, str] | None


def neighbours(row: Any, rows: Iterable[Any]) -> dict[str, Neighbour]:
    """Return `previous` and `next` of a row among the rows, each as (label, address) or None."""
    order: Sequence[Any] = list(rows)
    position = order.index(row)
    return {
        "previous": label_and_address(order[position - 1]) if position else None,
        "next": label_and_address(order[position + 1]) if position + 1 < len(order) else None,
    }


def label_and_address(row: Any) -> tuple[str, str]:
    return str(row), row.get_absolute_url()
