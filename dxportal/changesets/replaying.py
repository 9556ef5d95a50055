"""Apply a change set to the catalogue: all of it, or nothing if a row has changed since (a conflict)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, models

from dxportal.bulk_insert import insert_instances
from dxportal.changesets.differences import RowDifference, group_by_table, pick_columns
from dxportal.changesets.integrity_rules import check_rules
from dxportal.changesets.references import check_changed_references
from dxportal.changesets.refusals import RefusedByCatalogueError
from dxportal.changesets.row_values import ColumnValues, ValuesByRow, build_instance, read_rows


@dataclass(frozen=True)
class Conflict:
    """A column changed by another publication since: `base` is the value the set started from, as in a 3-way merge.

    `field` is empty if the row itself was created or deleted; the values are then those of the row, or None.
    """

    difference: RowDifference
    field: str
    base: Any
    mine: Any
    theirs: Any


class ConflictError(Exception):
    def __init__(self, conflicts: list[Conflict]) -> None:
        self.conflicts = conflicts


def filter_unpublished(differences: Iterable[RowDifference]) -> list[RowDifference]:
    """Return the part of the differences that is not stored yet, so that two sets with the same edit do not conflict.

    Undoing must not filter this way: if a value is already back, a later set put it back and has to be undone first.
    """
    by_model = group_by_table(differences)
    stored = read_stored(by_model)
    parts = (
        unpublished_part(difference, stored[model].get(difference.row))
        for model, of_table in by_model.items()
        for difference in of_table
    )
    return [part for part in parts if part is not None]


def read_stored(by_model: Mapping[type[models.Model], list[RowDifference]]) -> dict[type[models.Model], ValuesByRow]:
    """Read the rows of the differences, grouped by table, as they are stored now."""
    return {
        model: read_rows(model, [difference.row for difference in of_table]) for model, of_table in by_model.items()
    }


def unpublished_part(difference: RowDifference, stored: ColumnValues | None) -> RowDifference | None:
    """Return the part of a difference that is not stored yet; None if all of it is."""
    before, after = difference.before, difference.after
    if stored is None or after is None:
        return None if stored is None and after is None else difference
    if before is None:
        return None if after == stored else difference
    names = [name for name in after if after[name] != stored[name]]
    if not names:
        return None
    return RowDifference(difference.model, difference.row, pick_columns(before, names), pick_columns(after, names))


def replay(differences: Iterable[RowDifference]) -> None:
    """Write the differences, inside the caller's transaction.

    Raises ConflictError if a row is not in its `before` state, RefusedByCatalogueError if a constraint or rule breaks.
    """
    differences = list(differences)
    write_rows(differences)
    check_rules(differences)


def write_rows(differences: Iterable[RowDifference]) -> None:
    """Write the differences without checking rules: an earlier published state may break the rules of today."""
    differences = list(differences)
    by_model = group_by_table(differences)
    stored = read_stored(by_model)
    conflicts = [
        conflict
        for model, of_table in by_model.items()
        for difference in of_table
        for conflict in find_conflicts(difference, stored[model])
    ]
    if conflicts:
        raise ConflictError(conflicts)
    try:
        # Delete and reinsert whole rows: updates in sequence would fail where unique values are swapped.
        for model, of_table in by_model.items():
            existing = [difference.row for difference in of_table if difference.before is not None]
            rows = model._default_manager.filter(pk__in=existing)
            rows._raw_delete(rows.db)
        for model, of_table in by_model.items():
            insert_instances(model, build_changed_rows(model, of_table, stored[model]))
        check_changed_references(differences)
    except IntegrityError as error:
        raise RefusedByCatalogueError from error


def find_conflicts(difference: RowDifference, stored: ValuesByRow) -> Iterable[Conflict]:
    """Yield a conflict for each column that is not in its `before` state, or one for the row."""
    row = stored.get(difference.row)
    before, after = difference.before, difference.after
    if before is None:
        if row is not None:
            yield Conflict(difference, "", None, after, row)
    elif row is None:
        yield Conflict(difference, "", before, after, None)
    else:
        for name, base in before.items():
            if row[name] != base:
                yield Conflict(difference, name, base, None if after is None else after[name], row[name])


def build_changed_rows(
    model: type[models.Model], differences: list[RowDifference], stored: ValuesByRow
) -> list[models.Model]:
    """Build the rows to insert: the stored values overlaid with the changed ones."""
    return [
        build_instance(model, difference.row, stored.get(difference.row, {}) | difference.after)
        for difference in differences
        if difference.after is not None
    ]
