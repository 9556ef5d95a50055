"""Resolve the rows that changes refer to: from the tables, or from the change that creates or deletes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import CharField, F, Value
from django.db.models.functions import JSONObject
from django.utils.translation import gettext

from catalog.models import Department
from dxportal.changesets.models import Action, Change
from dxportal.changesets.row_values import BY_LABEL, Values, columns, instance, label_of

Reference = tuple[type[models.Model], UUID]
Relation = models.ForeignKey[Any, Any]

# Foreign keys to parent rows, which name, natural key, address and department of a row are built from.
UPWARDS = frozenset(
    {
        "plan",
        "project",
        "department",
        "appearance",
        "countermeasure",
        "sakigake_project",
        "goal",
        "area",
        "pillar",
        "term",
    }
)


class Known:
    """Rows by table and primary key: read from all tables in one query, then their parents level by level.

    A row that is not stored is resolved from the given change that creates or deletes it, else from a published one.
    """

    def __init__(self, changes: Iterable[Change]) -> None:
        changes = list(changes)
        models.prefetch_related_objects([change for change in changes if change.pk], "concerns")
        self.stored: dict[Reference, Values] = {}
        self.told = index_by_reference(change for change in changes if change.action != Action.UPDATE)
        self.rows: dict[Reference, models.Model] = {}
        wanted = {found for change in changes for found in spoken_of(change)}
        looked_for: set[Reference] = set()
        while wanted := wanted - looked_for:
            looked_for |= wanted
            found = read(wanted)
            self.stored |= found
            gone = published_of(wanted - found.keys() - self.told.keys())
            self.told |= gone
            wanted = {above for (model, _), row in found.items() for _, above in upwards(model, row)}
            wanted |= {one for change in gone.values() for one in related(change, values(change))}

    def row(self, one: Reference | None) -> Any:
        """Return the row with its parents, built on first use; None if it is not stored."""
        if one is None:
            return None
        if one in self.stored and one not in self.rows:
            model, pk = one
            self.rows[one] = row = instance(model, pk, self.stored[one])
            for relation, above in upwards(model, self.stored[one]):
                if above in self.stored:
                    relation.set_cached_value(row, self.row(above))
        return self.rows.get(one)

    def name(self, one: Reference) -> str:
        if one in self.stored:
            return str(self.row(one))
        return self.told[one].name if one in self.told else gettext("今はない行（%(id)s）") % {"id": one[1]}

    def key(self, one: Reference) -> str:
        """Return the natural key of a row, joined by spaces as in change sets; its UUID if the row is unknown."""
        if one in self.stored:
            return " ".join(self.row(one).natural_key())
        return self.told[one].key if one in self.told else str(one[1])

    def value(self, one: Reference, name: str) -> Any:
        """Return the value of a column, a foreign key as a UUID; None if the row is unknown."""
        told = values(self.told[one]) if one in self.told else {}
        value = self.stored.get(one, told).get(name)
        return UUID(value) if value and name.endswith("_id") else value


def reference(change: Change) -> Reference | None:
    """Return the reference to the row of a change; None if the catalogue no longer has its table."""
    return (change.of_model, change.row) if change.of_model else None


def index_by_reference(changes: Iterable[Change]) -> dict[Reference, Change]:
    return {one: change for change in changes if (one := reference(change))}


def values(change: Change) -> dict[str, Any]:
    return change.after or change.before or {}


def spoken_of(change: Change) -> Iterator[Reference]:
    """Yield the row of a change, the rows it refers to before or after, and the departments that it concerns."""
    if (row := reference(change)) is not None:
        yield row
    if change.pk:
        yield from ((Department, concern.department) for concern in change.concerns.all())
    for side in (change.before, change.after):
        yield from related(change, side or {})


def related(change: Change, side: dict[str, Any]) -> Iterator[Reference]:
    """Yield the rows to which the foreign keys of one side refer."""
    for relation in relations(change.of_model) if change.of_model else ():
        if value := side.get(relation.attname):
            yield relation.related_model, UUID(value)


@cache
def relations(model: type[models.Model]) -> list[Relation]:
    return [field for field in columns(model) if isinstance(field, models.ForeignKey)]


def upwards(model: type[models.Model], row: Values) -> Iterator[tuple[Relation, Reference]]:
    """Yield the foreign keys of a row to its parents, with the parents."""
    for relation in relations(model):
        if relation.name in UPWARDS and (value := row[relation.attname]):
            yield relation, (relation.related_model, UUID(value))


def read(wanted: Iterable[Reference]) -> dict[Reference, Values]:
    """Read rows of any number of tables in one query (UNION ALL); rows that are not stored are left out."""
    by_model: dict[type[models.Model], list[UUID]] = defaultdict(list)
    for model, row in wanted:
        by_model[model].append(row)
    each = [
        model._default_manager.order_by()
        .filter(pk__in=rows)
        .annotate(
            of_table=Value(label_of(model), CharField()),
            in_it=JSONObject(**{field.attname: F(field.attname) for field in columns(model)}),
        )
        .values_list("of_table", "pk", "in_it")
        for model, rows in by_model.items()
    ]
    if not each:
        return {}
    found = each[0].union(*each[1:], all=True)
    return {(BY_LABEL[label], pk): row for label, pk, row in found}


def published_of(gone: Iterable[Reference]) -> dict[Reference, Change]:
    """Read, for rows that are not stored, the published change that created or deleted each."""
    rows = [row for _, row in gone]
    found = Change.objects.published().filter(row__in=rows).exclude(action=Action.UPDATE)
    return index_by_reference(found) if rows else {}
