"""The difference between two states of the catalogue, as changes of rows."""

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
from dxportal.changesets.row_values import Rows, Values, label_of

LONGEST = 500  # characters of what a row is called


@dataclass(frozen=True)
class Difference(RowChange):
    """A change of a row that is recorded or stored."""

    @property
    def action(self) -> Action:
        if self.before is None:
            return Action.CREATE
        return Action.DELETE if self.after is None else Action.UPDATE

    @property
    def reversed(self) -> Difference:
        return Difference(self.model, self.row, self.after, self.before)

    @classmethod
    def of(cls, change: Change) -> Difference:
        """What a stored change does; raises NotReplayableError if it does not fit the tables any more."""
        model = change.of_model
        if model is None or change.obstacle:
            raise NotReplayableError(change.obstacle)
        return cls(model, change.row, change.before, change.after)

    def as_change(self, key: str, name: str) -> Change:
        return Change(
            model=label_of(self.model),
            row=self.row,
            key=key[:LONGEST],
            name=name[:LONGEST],
            action=self.action,
            before=self.before,
            after=self.after,
        )


def differences(
    before: Mapping[type[models.Model], Mapping[UUID, Values | None]], after: Mapping[type[models.Model], Rows]
) -> Iterator[Difference]:
    """The rows that differ, table by table; compared by value, not by how they are written.

    Rows that were not there may be named with None.
    """
    for model, old in before.items():
        new = after[model]
        for pk in old.keys() | new.keys():
            difference = between(model, pk, old.get(pk), new.get(pk))
            if difference:
                yield difference


def between(model: type[models.Model], pk: UUID, old: Values | None, new: Values | None) -> Difference | None:
    if old is None or new is None:
        return None if old is new else Difference(model, pk, old, new)
    changed = [name for name in old if old[name] != new[name]]
    if not changed:
        return None
    return Difference(model, pk, some(old, changed), some(new, changed))


def some(values: Values, names: list[str]) -> dict[str, Any]:
    return {name: values[name] for name in names}


def grouped(wanted: Iterable[Difference]) -> dict[type[models.Model], list[Difference]]:
    by_model: dict[type[models.Model], list[Difference]] = defaultdict(list)
    for difference in wanted:
        by_model[difference.model].append(difference)
    return by_model
