"""Row-level diff between two states of the catalogue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models

from catalog.row_changes import RowChange
from dxportal.changesets.models import Action, Change
from dxportal.changesets.refusals import NotReplayableError
from dxportal.changesets.row_values import ColumnValues, ValuesByRow, label_of

MAX_NATURAL_KEY_LENGTH = 500  # characters of a natural key or name of a row


@dataclass(frozen=True)
class RowDifference(RowChange):
    """A row change to be stored as, or read from, a `Change`; `before` is None for a new row, `after` for a deleted."""

    @property
    def action(self) -> Action:
        if self.before is None:
            return Action.CREATE
        return Action.DELETE if self.after is None else Action.UPDATE

    @property
    def reversed(self) -> RowDifference:
        return RowDifference(self.model, self.row, self.after, self.before)

    @classmethod
    def of(cls, change: Change) -> RowDifference:
        """Build from a stored change; raises NotReplayableError if it no longer fits the tables."""
        model = change.of_model
        if model is None or change.obstacle:
            raise NotReplayableError(change.obstacle)
        return cls(model, change.row, change.before, change.after)

    def as_change(self, key: str, name: str) -> Change:
        return Change(
            model=label_of(self.model),
            row=self.row,
            key=key[:MAX_NATURAL_KEY_LENGTH],
            name=name[:MAX_NATURAL_KEY_LENGTH],
            action=self.action,
            before=self.before,
            after=self.after,
        )


def diff_tables(
    before: Mapping[type[models.Model], Mapping[UUID, ColumnValues | None]],
    after: Mapping[type[models.Model], ValuesByRow],
) -> Iterator[RowDifference]:
    """Yield the rows that differ, table by table; values are compared as Python objects, not as text.

    `before` may map the key of a row that did not exist to None.
    """
    for model, old in before.items():
        new = after[model]
        for pk in old.keys() | new.keys():
            difference = diff_row(model, pk, old.get(pk), new.get(pk))
            if difference:
                yield difference


def diff_row(
    model: type[models.Model], pk: UUID, old: ColumnValues | None, new: ColumnValues | None
) -> RowDifference | None:
    """Compare two versions of a row; None if they are equal. An update keeps the changed columns alone."""
    if old is None or new is None:
        return None if old is new else RowDifference(model, pk, old, new)
    changed = [name for name in old if old[name] != new[name]]
    if not changed:
        return None
    return RowDifference(model, pk, pick_columns(old, changed), pick_columns(new, changed))


def pick_columns(values: ColumnValues, names: list[str]) -> dict[str, Any]:
    return {name: values[name] for name in names}


def group_by_table(differences: Iterable[RowDifference]) -> dict[type[models.Model], list[RowDifference]]:
    """Group differences by table."""
    by_model: dict[type[models.Model], list[RowDifference]] = defaultdict(list)
    for difference in differences:
        by_model[difference.model].append(difference)
    return by_model
