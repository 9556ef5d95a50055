"""Nesting of rows under their parents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

ChildRow = TypeVar("ChildRow")


@dataclass
class Branch:
    """A node of the tree: a row with its children."""

    row: Any
    children: list[Branch] = field(default_factory=list)

    @property
    def heading(self) -> tuple[Any, ...]:
        """Key of the heading that consecutive rows share, its text first; empty without a heading."""
        row = self.row
        if getattr(row, "countermeasure_id", None):
            return row.printed_department, row.countermeasure_id, row.fiscal_year
        group = getattr(row, "group", "")
        return (group,) if group else ()


def by_parent(rows: Iterable[ChildRow], parent: str) -> dict[Any, list[ChildRow]]:
    """Group rows by the primary key of their parent, in their order; a parent without rows has an empty list."""
    children: dict[Any, list[ChildRow]] = defaultdict(list)
    for row in rows:
        children[getattr(row, f"{parent}_id")].append(row)
    return children


def tree(rows: Iterable[Any], *parents: str) -> list[Branch]:
    """Build a forest of rows, each under the first of its parents that is among them, in their order.

    `parents`: relation names. A parent may be of another model, because UUID primary keys never collide.
    """
    branches = {row.pk: Branch(row) for row in rows}
    roots: list[Branch] = []
    for branch in branches.values():
        keys = (getattr(branch.row, f"{parent}_id", None) for parent in parents or ("parent",))
        parent_branch = next((branches[key] for key in keys if key in branches), None)
        (parent_branch.children if parent_branch else roots).append(branch)
    return roots
