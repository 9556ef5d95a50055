"""Rows under their parents, as a page shows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

Row = TypeVar("Row")


@dataclass
class Branch:
    """A row with what stands under it."""

    row: Any
    children: list[Branch] = field(default_factory=list)

    @property
    def heading(self) -> tuple[Any, ...]:
        """What is printed once above this row and those that follow with the same: its words stand first."""
        row = self.row
        if getattr(row, "countermeasure_id", None):
            return row.printed_department, row.countermeasure_id, row.fiscal_year
        group = getattr(row, "group", "")
        return (group,) if group else ()


def by_parent(rows: Iterable[Row], parent: str) -> dict[Any, list[Row]]:
    """Rows by the primary key of their parent; order is kept, and a parent without any has an empty list."""
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[getattr(row, f"{parent}_id")].append(row)
    return found


def tree(rows: Iterable[Any], *parents: str) -> list[Branch]:
    """Rows as a forest, each under the first of its parents that is among them; order is kept.

    A parent may be of another model: primary keys are UUIDs, so they are told apart.
    """
    branches = {row.pk: Branch(row) for row in rows}
    roots: list[Branch] = []
    for branch in branches.values():
        keys = (getattr(branch.row, f"{parent}_id", None) for parent in parents or ("parent",))
        above = next((branches[key] for key in keys if key in branches), None)
        (above.children if above else roots).append(branch)
    return roots
