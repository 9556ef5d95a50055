"""Resolve a conflict in an open set: keep the proposed value, or take the published one.

The steps raise NotNowError if the set, row or field is no longer as the user saw it.
"""

from __future__ import annotations

from django.db import transaction

from dxportal.changesets.departments import keep_concerns
from dxportal.changesets.models import Change, ChangeSet, State
from dxportal.changesets.row_values import read
from dxportal.changesets.workflow import NotNowError, held


@transaction.atomic
def keep_mine(change_set: ChangeSet, row: str, field: str) -> ChangeSet:
    """Keep the proposed value, rebased on the value that is public now."""
    change, kept = found(change_set, row)
    if change.of_model is None or change.obstacle:
        raise NotNowError(change.obstacle)
    now = read(change.of_model, [change.row]).get(change.row)
    if now is None or change.before is None:
        raise NotNowError("行そのものが公開側で変わっています。公開された側を取ってから、入れ直してください。")
    if field not in change.before:
        raise NotNowError("この欄は、もうこの変更にありません。")
    change.before[field] = now[field]
    if change.after is not None and change.after[field] == now[field]:  # equal values: nothing is left to propose
        return leave_out(kept, change, field)
    change.save()
    keep_concerns([change])
    return grown(kept)


@transaction.atomic
def take_theirs(change_set: ChangeSet, row: str, field: str) -> ChangeSet:
    """Drop the field from the set, or the whole row if `field` is empty."""
    change, kept = found(change_set, row)
    return leave_out(kept, change, field)


def leave_out(kept: ChangeSet, change: Change, field: str) -> ChangeSet:
    """Remove a field from a change; remove the change if no field is left or `field` is empty."""
    for side in (change.before, change.after):
        if side is not None and field:
            side.pop(field, None)
    if not field or not change.before or not change.after:
        change.delete()
    else:
        change.save()
        keep_concerns([change])
    return grown(kept)


def found(change_set: ChangeSet, row: str) -> tuple[Change, ChangeSet]:
    """Lock the open set and return its change of a row, and the set."""
    kept = held(change_set.pk, change_set.version, State.OPEN)
    change = next((change for change in kept.changes.all() if str(change.row) == row), None)
    if change is None:
        raise NotNowError("この行は、もうこの変更にありません。")
    return change, kept


def grown(change_set: ChangeSet) -> ChangeSet:
    """Save the set with the next version."""
    change_set.version += 1
    change_set.save()
    return change_set
