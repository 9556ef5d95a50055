"""Row changes: the input of everything that is derived from the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models

RowReference = tuple[type[models.Model], UUID]


@dataclass(frozen=True)
class RowChange:
    """Change of one row: its columns before and after; for an update only the changed columns.

    `before` is None for an insert, `after` for a delete.
    """

    model: type[models.Model]
    row: UUID
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    def touches(self, columns: Collection[str]) -> bool:
        """Tell whether one of these columns changes; an insert or delete changes all."""
        if self.before is None or self.after is None:
            return True
        return not self.after.keys().isdisjoint(columns)


def changed_rows(changes: Iterable[RowChange], model: type[models.Model], *columns: str) -> list[UUID]:
    """Return the keys of a table's rows that are inserted, deleted or updated in these columns (default: any)."""
    return [one.row for one in changes if one.model is model and (not columns or one.touches(columns))]


def updated_rows(changes: Iterable[RowChange], model: type[models.Model], *columns: str) -> list[UUID]:
    """Return the keys of a table's rows that are updated in these columns (default: any)."""
    stay = [one for one in changes if one.before is not None and one.after is not None]
    return changed_rows(stay, model, *columns)


def column_values(changes: Iterable[RowChange], model: type[models.Model], column: str) -> set[Any]:
    """Return the values of a column before and after the changes of a table."""
    sides = (side for change in changes if change.model is model for side in (change.before, change.after) if side)
    return {side[column] for side in sides if side.get(column) is not None}
