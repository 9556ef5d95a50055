"""Apply a change set to the catalogue: all of it, or nothing if a row has changed since (a conflict)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, models

from dxportal.bulk_insert import insert_instances
from dxportal.changesets.differences import Difference, grouped, some
from dxportal.changesets.integrity_rules import check_rules
from dxportal.changesets.references import check_references
from dxportal.changesets.refusals import RefusedByCatalogueError
from dxportal.changesets.row_values import Rows, Values, instance, read


@dataclass(frozen=True)
class Conflict:
    """A column changed by another publication since: `base` is the value the set started from, as in a 3-way merge.

    `field` is empty if the row itself was created or deleted; the values are then those of the row, or None.
    """

    difference: Difference
    field: str
    base: Any
    mine: Any
    theirs: Any


class ConflictError(Exception):
    def __init__(self, conflicts: list[Conflict]) -> None:
        self.conflicts = conflicts


def outstanding(wanted: Iterable[Difference]) -> list[Difference]:
    """Return the part of the differences that is not stored yet, so that two sets with the same edit do not conflict.

    Undoing must not filter this way: if a value is already back, a later set put it back and has to be undone first.
    """
    by_model = grouped(wanted)
    stored = {model: read(model, [one.row for one in own]) for model, own in by_model.items()}
    left = (rest(one, stored[model].get(one.row)) for model, own in by_model.items() for one in own)
    return [one for one in left if one is not None]


def rest(difference: Difference, now: Values | None) -> Difference | None:
    """Return the part of a difference that is not stored yet; None if all of it is."""
    before, after = difference.before, difference.after
    if now is None or after is None:
        return None if now is None and after is None else difference
    if before is None:
        return None if after == now else difference
    names = [name for name in after if after[name] != now[name]]
    if not names:
        return None
    return Difference(difference.model, difference.row, some(before, names), some(after, names))


def replay(wanted: Iterable[Difference]) -> None:
    """Write the differences, inside the caller's transaction.

    Raises ConflictError if a row is not in its `before` state, RefusedByCatalogueError if a constraint or rule breaks.
    """
    wanted = list(wanted)
    rewrite(wanted)
    check_rules(wanted)


def rewrite(wanted: Iterable[Difference]) -> None:
    """Write the differences without checking rules: an earlier published state may break the rules of today."""
    wanted = list(wanted)
    by_model = grouped(wanted)
    stored = {model: read(model, [one.row for one in own]) for model, own in by_model.items()}
    found = [conflict for model, own in by_model.items() for one in own for conflict in conflicts(one, stored[model])]
    if found:
        raise ConflictError(found)
    try:
        # Delete and reinsert whole rows: updates in sequence would fail where unique values are swapped.
        for model, own in by_model.items():
            gone = model._default_manager.filter(pk__in=[one.row for one in own if one.before is not None])
            gone._raw_delete(gone.db)
        for model, own in by_model.items():
            insert_instances(model, rows_after(model, own, stored[model]))
        check_references(wanted)
    except IntegrityError as error:
        raise RefusedByCatalogueError from error


def conflicts(difference: Difference, stored: Rows) -> Iterable[Conflict]:
    """Yield a conflict for each column that is not in its `before` state, or one for the row."""
    now = stored.get(difference.row)
    before, after = difference.before, difference.after
    if before is None:
        if now is not None:
            yield Conflict(difference, "", None, after, now)
    elif now is None:
        yield Conflict(difference, "", before, after, None)
    else:
        for name, base in before.items():
            if now[name] != base:
                yield Conflict(difference, name, base, None if after is None else after[name], now[name])


def rows_after(model: type[models.Model], own: list[Difference], stored: Rows) -> list[models.Model]:
    """Build the rows to insert: the stored values overlaid with the changed ones."""
    return [instance(model, one.row, merged(stored.get(one.row), one.after)) for one in own if one.after is not None]


def merged(stored: Values | None, after: Values) -> Values:
    return (stored or {}) | after
