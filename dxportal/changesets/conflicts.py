"""Conflicts in words: which field of which row, what it was, what is proposed, what has been published meanwhile."""

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
    """`field` names the field for the step that settles it; it is empty where the row itself has come or gone."""

    kind: str
    name: str
    row: UUID
    field: str
    label: str
    base: str
    mine: str
    theirs: str


def told_conflicts(conflicts: Iterable[Conflict]) -> list[ToldConflict]:
    """The conflicts in words, in their order."""
    conflicts = list(conflicts)
    known = Known(change for conflict in conflicts for change in changes_of(conflict))
    return [told(conflict, known) for conflict in conflicts]


def changes_of(conflict: Conflict) -> list[Change]:
    """What the set says and what has been published, so that the rows they refer to are known by name."""
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
