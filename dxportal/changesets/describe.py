"""Describe changes to readers of the plan: the kind of row, its name, and each field before and after.

`describe_changes` takes a few queries, independent of the number of changes and tables.
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
from catalog.row_changes import RowReference
from dxportal.changesets.inline_diff import InlineDiff, compute_inline_diff
from dxportal.changesets.models import Action, Change
from dxportal.changesets.row_lookup import RowLookup, row_reference
from dxportal.changesets.row_values import get_columns, kind_of
from dxportal.money_and_years import fiscal_year, money
from dxportal.typed_values import FISCAL_YEAR_FIELDS

AMOUNT_SUFFIX = "_thousand_yen"
MAX_INLINE_LENGTH = 40  # characters in a printed line
# Left out for created and deleted rows: the natural key names the plan, the row's page shows the order.
OMITTED_FIELDS = {"plan", "position", "repeat_before_parts"}


@dataclass(frozen=True)
class FieldDescription:
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
        if not self.name.endswith(AMOUNT_SUFFIX) or self.old is None or self.new is None:
            return None
        return int(self.new - self.old)

    @property
    def is_long(self) -> bool:
        """Whether before or after is too long to share a line with the other."""
        return max(len(self.before or ""), len(self.after or "")) > MAX_INLINE_LENGTH

    @cached_property
    def inline_diff(self) -> InlineDiff | None:
        """Inline diff of two texts; None if showing both texts is easier to read."""
        if not (self.is_text and self.before and self.after):
            return None
        diff = compute_inline_diff(self.before, self.after)
        return diff if diff.is_close else None


@dataclass(frozen=True)
class ConcernedDepartment:
    """A department that a change concerns."""

    code: str
    name: str


@dataclass(frozen=True)
class ChangeDescription:
    """A change as text. `row` is the row as stored now, None if it is deleted or not created yet."""

    change: Change
    kind: str
    action: str
    fields: list[FieldDescription]
    departments: list[ConcernedDepartment]
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


def describe_changes(changes: Iterable[Change]) -> list[ChangeDescription]:
    """Describe stored changes, in their order."""
    changes = list(changes)
    lookup = RowLookup(changes)
    return [
        ChangeDescription(
            change,
            kind_of(change.model),
            change.get_action_display(),
            describe_fields(change, lookup),
            describe_departments(change, lookup),
            lookup.row(row_reference(change)),
        )
        for change in changes
    ]


def describe_fields(change: Change, lookup: RowLookup) -> list[FieldDescription]:
    """Describe the fields in column order: the changed ones of an update, else all that are not empty.

    Fields that the table no longer has come last, under their stored name.
    """
    sides = change.fields
    fields = [
        FieldDescription(
            field.name,
            str(field.verbose_name),
            None if change.before is None else format_value(field, sides[field.attname][0], lookup),
            None if change.after is None else format_value(field, sides[field.attname][1], lookup),
            as_machine_readable(field, sides[field.attname][0], lookup),
            as_machine_readable(field, sides[field.attname][1], lookup),
            isinstance(field, models.CharField | models.TextField) and not field.choices,
        )
        for field in (get_columns(change.of_model) if change.of_model else ())
        if field.attname in sides and (change.action == Action.UPDATE or is_worth_showing(field, *sides[field.attname]))
    ]
    return fields + [describe_unknown_field(change, name) for name in change.unknown_fields]


def describe_unknown_field(change: Change, name: str) -> FieldDescription:
    """Describe a field that the table no longer has, from its stored name and values."""
    old, new = change.fields[name]
    label = gettext("%(name)s（今の版にない欄）") % {"name": name}
    before, after = (
        None if side is None else format_unknown_value(side.get(name)) for side in (change.before, change.after)
    )
    return FieldDescription(name, label, before, after, old, new, isinstance(old, str) and isinstance(new, str))


def format_unknown_value(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("はい") if value else gettext("いいえ")
    return "" if value is None else str(value)


def is_worth_showing(field: models.Field[Any, Any], *sides: Any) -> bool:
    """Tell whether a field of a created or deleted row is worth showing; an amount of 0 is."""
    return field.name not in OMITTED_FIELDS and any(not (side is None or side is False or side == "") for side in sides)


def format_value(field: models.Field[Any, Any], value: Any, lookup: RowLookup) -> str:
    """Format a value for people; empty if there is none."""
    if field.name.endswith(AMOUNT_SUFFIX):
        return money(value)
    if value in (None, ""):
        return ""
    if isinstance(field, models.ForeignKey):
        return lookup.name(referenced_row(field, value))
    if isinstance(field, models.BooleanField):
        if field.name == "is_repeat":
            return gettext("再掲") if value else gettext("なし")
        return gettext("はい") if value else gettext("いいえ")
    if isinstance(field, models.DateField):
        return date_format(date.fromisoformat(value))
    if field.name in FISCAL_YEAR_FIELDS:
        return fiscal_year(value)
    return str(dict(field.flatchoices).get(value, value))


def as_machine_readable(field: models.Field[Any, Any], value: Any, lookup: RowLookup) -> Any:
    """Return a machine-readable value: the natural key for a foreign key, any other value as stored."""
    return lookup.key(referenced_row(field, value)) if value and isinstance(field, models.ForeignKey) else value


def referenced_row(field: models.ForeignKey[Any, Any], value: str) -> RowReference:
    return field.related_model, UUID(value)


def describe_departments(change: Change, lookup: RowLookup) -> list[ConcernedDepartment]:
    """Return the departments that a change concerns, in official order (建制順); deleted departments come last."""

    def sort_key(department: RowReference) -> tuple[bool, int, str]:
        return department not in lookup.stored, lookup.value(department, "position") or 0, lookup.key(department)

    departments = sorted(((Department, concern.department) for concern in change.concerns.all()), key=sort_key)
    return [ConcernedDepartment(lookup.key(row), lookup.name(row)) for row in departments]


def public_address(row: Any) -> str:
    """Return the public address of a row; empty if it has no page or its plan is not the current one."""
    plan = row if isinstance(row, Plan) else getattr(getattr(row, "appearance", row), "plan", None)
    address = getattr(row, "get_absolute_url", None)
    return address() if address and (plan is None or plan.is_current) else ""
