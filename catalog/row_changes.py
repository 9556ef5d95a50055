"""Changes of rows, as whoever derives something from the catalogue is told of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models


@dataclass(frozen=True)
class RowChange:
    """What becomes of one row: its columns before and after; of an update the changed ones alone.

    A row that comes has no `before`, one that goes no `after`.
    """

    model: type[models.Model]
    row: UUID
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    def touches(self, columns: Collection[str]) -> bool:
        """Whether one of these columns has another value; that of a row that comes or goes always has."""
        if self.before is None or self.after is None:
            return True
        return not self.after.keys().isdisjoint(columns)


def changed_rows(changes: Iterable[RowChange], model: type[models.Model], *columns: str) -> list[UUID]:
    """The primary keys of a table's rows that come, go, or change in one of these columns (none named: any)."""
    return [one.row for one in changes if one.model is model and (not columns or one.touches(columns))]


def updated_rows(changes: Iterable[RowChange], model: type[models.Model], *columns: str) -> list[UUID]:
    """The primary keys of a table's rows that stay and change in one of these columns."""
    stay = [one for one in changes if one.before is not None and one.after is not None]
    return changed_rows(stay, model, *columns)


def values_of(changes: Iterable[RowChange], model: type[models.Model], column: str) -> set[Any]:
    """The values of a column that a table's rows no longer have, and those that they get."""
    sides = (side for change in changes if change.model is model for side in (change.before, change.after) if side)
    return {side[column] for side in sides if side.get(column) is not None}
