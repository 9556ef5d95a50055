"""Describe conflicts to people: the field and row, its base value, the proposed one and the one published since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from dxportal.changesets.describe import word
from dxportal.changesets.differences import Difference
from dxportal.changesets.models import Change
from dxportal.changesets.replaying import Conflict
from dxportal.changesets.row_lookup import Known
from dxportal.changesets.row_values import columns


@dataclass(frozen=True)
class ToldConflict:
    """A conflict as text. `field` is the column; it is empty if the row itself was created or deleted meanwhile."""

    kind: str
    name: str
    row: UUID
    field: str
    label: str
    base: str
    mine: str
    theirs: str


def told_conflicts(conflicts: Iterable[Conflict]) -> list[ToldConflict]:
    """Describe conflicts, in their order, with one lookup of the rows that they refer to."""
    conflicts = list(conflicts)
    known = Known(change for conflict in conflicts for change in changes_of(conflict))
    return [told(conflict, known) for conflict in conflicts]


def changes_of(conflict: Conflict) -> list[Change]:
    """Return both sides of a conflict as changes, so that the rows to which they refer can be looked up."""
    of = conflict.difference
    published = Difference(of.model, of.row, {}, {conflict.field: conflict.theirs} if conflict.field else {})
    return [one.as_change(key="", name="") for one in (of, published)]


def told(conflict: Conflict, known: Known) -> ToldConflict:
    of = conflict.difference
    model, row = of.model, of.row
    if conflict.field:
        field = next(field for field in columns(model) if field.attname == conflict.field)
        label = str(field.verbose_name)
        sides = [word(field, value, known) for value in (conflict.base, conflict.mine, conflict.theirs)]
    else:
        label = gettext("行そのもの")
        sides = [presence(value) for value in (conflict.base, conflict.mine, conflict.theirs)]
    return ToldConflict(str(model._meta.verbose_name), known.name((model, row)), row, conflict.field, label, *sides)


def presence(values: Any) -> str:
    return gettext("ない") if values is None else gettext("ある")
