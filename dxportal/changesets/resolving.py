"""Resolve a conflict in an open set: keep the proposed value, or take the published one.

The steps raise WorkflowError if the set, row or field is no longer as the user saw it.
"""

from __future__ import annotations

from django.db import transaction

from dxportal.changesets.departments import store_concerns
from dxportal.changesets.models import Change, ChangeSet, State
from dxportal.changesets.row_values import read_rows
from dxportal.changesets.workflow import WorkflowError, lock_set


@transaction.atomic
def keep_proposed_value(change_set: ChangeSet, row: str, field: str) -> ChangeSet:
    """Keep the proposed value, rebased on the value that is public now."""
    change, locked_set = lock_change(change_set, row)
    if change.of_model is None or change.obstacle:
        raise WorkflowError(change.obstacle)
    published = read_rows(change.of_model, [change.row]).get(change.row)
    if published is None or change.before is None:
        raise WorkflowError("行そのものが公開側で変わっています。公開された側を取ってから、入れ直してください。")
    if field not in change.before:
        raise WorkflowError("この欄は、もうこの変更にありません。")
    change.before[field] = published[field]
    if change.after is not None and change.after[field] == published[field]:  # equal values: nothing is left to propose
        return drop_field(locked_set, change, field)
    change.save()
    store_concerns([change])
    return save_next_version(locked_set)


@transaction.atomic
def take_published_value(change_set: ChangeSet, row: str, field: str) -> ChangeSet:
    """Drop the field from the set, or the whole row if `field` is empty."""
    change, locked_set = lock_change(change_set, row)
    return drop_field(locked_set, change, field)


def drop_field(locked_set: ChangeSet, change: Change, field: str) -> ChangeSet:
    """Remove a field from a change; remove the change if no field is left or `field` is empty."""
    for side in (change.before, change.after):
        if side is not None and field:
            side.pop(field, None)
    if not field or not change.before or not change.after:
        change.delete()
    else:
        change.save()
        store_concerns([change])
    return save_next_version(locked_set)


def lock_change(change_set: ChangeSet, row: str) -> tuple[Change, ChangeSet]:
    """Lock the open set and return its change of a row, and the set."""
    locked_set = lock_set(change_set.pk, change_set.version, State.OPEN)
    change = next((change for change in locked_set.changes.all() if str(change.row) == row), None)
    if change is None:
        raise WorkflowError("この行は、もうこの変更にありません。")
    return change, locked_set


def save_next_version(change_set: ChangeSet) -> ChangeSet:
    """Save the set with the next version."""
    change_set.version += 1
    change_set.save()
    return change_set
