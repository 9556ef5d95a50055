"""Describe changes to readers of the plan: the kind of row, its name, and each field before and after.

`told(changes)` takes a few queries, independent of the number of changes and tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext

from catalog.models import Department, Plan
from dxportal.changesets.inline_diff import Marked, marked
from dxportal.changesets.models import Action, Change
from dxportal.changesets.row_lookup import Known, Reference, reference
from dxportal.changesets.row_values import columns, kind_of
from dxportal.money_and_years import fiscal_year, money
from dxportal.typed_values import FISCAL_YEAR_FIELDS

AMOUNT = "_thousand_yen"
LONG = 40  # characters in a printed line
# Left out for created and deleted rows: the natural key names the plan, the row's page shows the order.
TECHNICAL = {"plan", "position", "repeat_before_parts"}


@dataclass(frozen=True)
class ToldField:
    """A field as text: `before` or `after` is None if the row did not exist, empty if the field was empty.

    `old` and `new` are machine-readable: numbers, booleans, codes of choices, natural keys of other rows.
    """

    name: str
    label: str
    before: str | None
    after: str | None
    old: Any
    new: Any
    is_text: bool

    @property
    def heading(self) -> str:
        """The label without its unit, which is shown with each amount."""
        return self.label.removesuffix(gettext("（千円）"))

    @property
    def difference(self) -> int | None:
        """Increase of an amount in thousand yen; None if the field is no amount or a side is not stated."""
        if not self.name.endswith(AMOUNT) or self.old is None or self.new is None:
            return None
        return int(self.new - self.old)

    @property
    def is_long(self) -> bool:
        """Whether before or after is too long to share a line with the other."""
        return max(len(self.before or ""), len(self.after or "")) > LONG

    @cached_property
    def marked(self) -> Marked | None:
        """Inline diff of two texts; None if showing both texts is easier to read."""
        if not (self.is_text and self.before and self.after):
            return None
        found = marked(self.before, self.after)
        return found if found.is_close else None


@dataclass(frozen=True)
class Concerned:
    """A department that a change concerns."""

    code: str
    name: str


@dataclass(frozen=True)
class Told:
    """A change as text. `row` is the row as stored now, None if it is deleted or not created yet."""

    change: Change
    kind: str
    action: str
    fields: list[ToldField]
    departments: list[Concerned]
    row: models.Model | None

    @property
    def name(self) -> str:
        return self.change.name

    @property
    def key(self) -> str:
        return self.change.key

    @property
    def is_update(self) -> bool:
        return self.change.action == Action.UPDATE

    @property
    def url(self) -> str:
        """Address of the public page of the row; empty if there is none."""
        return public_address(self.row) if self.row else ""


def told(changes: Iterable[Change]) -> list[Told]:
    """Describe stored changes, in their order."""
    changes = list(changes)
    known = Known(changes)
    return [
        Told(
            change,
            kind_of(change.model),
            change.get_action_display(),
            told_fields(change, known),
            concerned(change, known),
            known.row(reference(change)),
        )
        for change in changes
    ]


def told_fields(change: Change, known: Known) -> list[ToldField]:
    """Describe the fields in column order: the changed ones of an update, else all that are not empty.

    Fields that the table no longer has come last, under their stored name.
    """
    sides = change.fields
    fields = [
        ToldField(
            field.name,
            str(field.verbose_name),
            None if change.before is None else word(field, sides[field.attname][0], known),
            None if change.after is None else word(field, sides[field.attname][1], known),
            plain(field, sides[field.attname][0], known),
            plain(field, sides[field.attname][1], known),
            isinstance(field, models.CharField | models.TextField) and not field.choices,
        )
        for field in (columns(change.of_model) if change.of_model else ())
        if field.attname in sides and (change.action == Action.UPDATE or is_missed(field, *sides[field.attname]))
    ]
    return fields + [describe_unknown_field(change, name) for name in change.unknown_fields]


def describe_unknown_field(change: Change, name: str) -> ToldField:
    """Describe a field that the table no longer has, from its stored name and values."""
    old, new = change.fields[name]
    label = gettext("%(name)s（今の版にない欄）") % {"name": name}
    before, after = (
        None if side is None else format_unknown_value(side.get(name)) for side in (change.before, change.after)
    )
    return ToldField(name, label, before, after, old, new, isinstance(old, str) and isinstance(new, str))


def format_unknown_value(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("はい") if value else gettext("いいえ")
    return "" if value is None else str(value)


def is_missed(field: models.Field[Any, Any], *sides: Any) -> bool:
    """Tell whether a field of a created or deleted row is worth showing; an amount of 0 is."""
    return field.name not in TECHNICAL and any(not (side is None or side is False or side == "") for side in sides)


def word(field: models.Field[Any, Any], value: Any, known: Known) -> str:
    """Format a value for people; empty if there is none."""
    if field.name.endswith(AMOUNT):
        return money(value)
    if value in (None, ""):
        return ""
    if isinstance(field, models.ForeignKey):
        return known.name(referred(field, value))
    if isinstance(field, models.BooleanField):
        if field.name == "is_repeat":
            return gettext("再掲") if value else gettext("なし")
        return gettext("はい") if value else gettext("いいえ")
    if isinstance(field, models.DateField):
        return date_format(date.fromisoformat(value))
    if field.name in FISCAL_YEAR_FIELDS:
        return fiscal_year(value)
    return str(dict(field.flatchoices).get(value, value))


def plain(field: models.Field[Any, Any], value: Any, known: Known) -> Any:
    """Return a machine-readable value: the natural key for a foreign key, any other value as stored."""
    return known.key(referred(field, value)) if value and isinstance(field, models.ForeignKey) else value


def referred(field: models.ForeignKey[Any, Any], value: str) -> Reference:
    return field.related_model, UUID(value)


def concerned(change: Change, known: Known) -> list[Concerned]:
    """Return the departments that a change concerns, in official order (建制順); deleted departments come last."""

    def place(row: UUID) -> tuple[bool, int, str]:
        one = (Department, row)
        return one not in known.stored, known.value(one, "position") or 0, known.key(one)

    departments = sorted((concern.department for concern in change.concerns.all()), key=place)
    return [Concerned(known.key((Department, row)), known.name((Department, row))) for row in departments]


def public_address(row: Any) -> str:
    """Return the public address of a row; empty if it has no page or its plan is not the current one."""
    plan = row if isinstance(row, Plan) else getattr(getattr(row, "appearance", row), "plan", None)
    address = getattr(row, "get_absolute_url", None)
    return address() if address and (plan is None or plan.is_current) else ""
