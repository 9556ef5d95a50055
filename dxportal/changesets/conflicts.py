"""Describe conflicts to people: the field and row, its base value, the proposed one and the one published since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from dxportal.changesets.describe import format_value
from dxportal.changesets.differences import RowDifference
from dxportal.changesets.models import Change
from dxportal.changesets.replaying import Conflict
from dxportal.changesets.row_lookup import RowLookup
from dxportal.changesets.row_values import get_columns


@dataclass(frozen=True)
class ConflictDescription:
    """A conflict as text. `field` is the column; it is empty if the row itself was created or deleted meanwhile."""

    kind: str
    name: str
    row: UUID
    field: str
    label: str
    base: str
    mine: str
    theirs: str


def describe_conflicts(conflicts: Iterable[Conflict]) -> list[ConflictDescription]:
    """Describe conflicts, in their order, with one lookup of the rows that they refer to."""
    conflicts = list(conflicts)
    lookup = RowLookup(change for conflict in conflicts for change in both_sides_as_changes(conflict))
    return [describe_conflict(conflict, lookup) for conflict in conflicts]


def both_sides_as_changes(conflict: Conflict) -> list[Change]:
    """Return both sides of a conflict as changes, so that the rows to which they refer can be looked up."""
    proposed = conflict.difference
    published_values = {conflict.field: conflict.theirs} if conflict.field else {}
    published = RowDifference(proposed.model, proposed.row, {}, published_values)
    return [difference.as_change(key="", name="") for difference in (proposed, published)]


def describe_conflict(conflict: Conflict, lookup: RowLookup) -> ConflictDescription:
    model, row = conflict.difference.model, conflict.difference.row
    if conflict.field:
        field = next(field for field in get_columns(model) if field.attname == conflict.field)
        label = str(field.verbose_name)
        sides = [format_value(field, value, lookup) for value in (conflict.base, conflict.mine, conflict.theirs)]
    else:
        label = gettext("行そのもの")
        sides = [describe_presence(value) for value in (conflict.base, conflict.mine, conflict.theirs)]
    kind, name = str(model._meta.verbose_name), lookup.name((model, row))
    return ConflictDescription(kind, name, row, conflict.field, label, *sides)


def describe_presence(values: Any) -> str:
    return gettext("ない") if values is None else gettext("ある")
