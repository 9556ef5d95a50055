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
from catalog.row_changes import RowReference
from dxportal.changesets.models import Action, Change
from dxportal.changesets.row_values import MODELS_BY_LABEL, ColumnValues, build_instance, get_columns, label_of

Relation = models.ForeignKey[Any, Any]

# Foreign keys to parent rows, which name, natural key, address and department of a row are built from.
IDENTIFYING_RELATIONS = frozenset(
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


class RowLookup:
    """Rows by table and primary key: read from all tables in one query, then their parents level by level.

    A row that is not stored is resolved from the given change that creates or deletes it, else from a published one.
    """

    def __init__(self, changes: Iterable[Change]) -> None:
        changes = list(changes)
        models.prefetch_related_objects([change for change in changes if change.pk], "concerns")
        self.stored: dict[RowReference, ColumnValues] = {}
        self.lifecycle_changes = index_by_reference(change for change in changes if change.action != Action.UPDATE)
        self.instances: dict[RowReference, models.Model] = {}
        pending = {reference for change in changes for reference in find_mentioned_rows(change)}
        resolved: set[RowReference] = set()
        while pending := pending - resolved:
            resolved |= pending
            stored = read_rows_by_reference(pending)
            self.stored |= stored
            published = find_published_changes(pending - stored.keys() - self.lifecycle_changes.keys())
            self.lifecycle_changes |= published
            pending = {parent for (model, _), row in stored.items() for _, parent in find_parents(model, row)}
            for change in published.values():
                pending |= set(find_related_rows(change, latest_values(change)))

    def row(self, reference: RowReference | None) -> Any:
        """Return the row with its parents, built on first use; None if it is not stored."""
        if reference is None:
            return None
        if reference in self.stored and reference not in self.instances:
            model, pk = reference
            self.instances[reference] = row = build_instance(model, pk, self.stored[reference])
            for relation, parent in find_parents(model, self.stored[reference]):
                if parent in self.stored:
                    relation.set_cached_value(row, self.row(parent))
        return self.instances.get(reference)

    def name(self, reference: RowReference) -> str:
        if reference in self.stored:
            return str(self.row(reference))
        change = self.lifecycle_changes.get(reference)
        return change.name if change else gettext("今はない行（%(id)s）") % {"id": reference[1]}

    def key(self, reference: RowReference) -> str:
        """Return the natural key of a row, joined by spaces as in change sets; its UUID if the row is unknown."""
        if reference in self.stored:
            return " ".join(self.row(reference).natural_key())
        change = self.lifecycle_changes.get(reference)
        return change.key if change else str(reference[1])

    def value(self, reference: RowReference, name: str) -> Any:
        """Return the value of a column, a foreign key as a UUID; None if the row is unknown."""
        change = self.lifecycle_changes.get(reference)
        values = self.stored.get(reference, latest_values(change) if change else {})
        value = values.get(name)
        return UUID(value) if value and name.endswith("_id") else value


def row_reference(change: Change) -> RowReference | None:
    """Return the reference to the row of a change; None if the catalogue no longer has its table."""
    return (change.of_model, change.row) if change.of_model else None


def index_by_reference(changes: Iterable[Change]) -> dict[RowReference, Change]:
    return {reference: change for change in changes if (reference := row_reference(change))}


def latest_values(change: Change) -> dict[str, Any]:
    return change.after or change.before or {}


def find_mentioned_rows(change: Change) -> Iterator[RowReference]:
    """Yield the row of a change, the rows it refers to before or after, and the departments that it concerns."""
    if (row := row_reference(change)) is not None:
        yield row
    if change.pk:
        yield from ((Department, concern.department) for concern in change.concerns.all())
    for side in (change.before, change.after):
        yield from find_related_rows(change, side or {})


def find_related_rows(change: Change, side: dict[str, Any]) -> Iterator[RowReference]:
    """Yield the rows to which the foreign keys of one side refer."""
    for relation in get_foreign_keys(change.of_model) if change.of_model else ():
        if value := side.get(relation.attname):
            yield relation.related_model, UUID(value)


@cache
def get_foreign_keys(model: type[models.Model]) -> list[Relation]:
    return [field for field in get_columns(model) if isinstance(field, models.ForeignKey)]


def find_parents(model: type[models.Model], row: ColumnValues) -> Iterator[tuple[Relation, RowReference]]:
    """Yield the foreign keys of a row to its parents, with the parents."""
    for relation in get_foreign_keys(model):
        if relation.name in IDENTIFYING_RELATIONS and (value := row[relation.attname]):
            yield relation, (relation.related_model, UUID(value))


def read_rows_by_reference(references: Iterable[RowReference]) -> dict[RowReference, ColumnValues]:
    """Read rows of any number of tables in one query (UNION ALL); rows that are not stored are left out."""
    by_model: dict[type[models.Model], list[UUID]] = defaultdict(list)
    for model, row in references:
        by_model[model].append(row)
    queries = [
        model._default_manager.order_by()
        .filter(pk__in=rows)
        .annotate(
            table_label=Value(label_of(model), CharField()),
            row_values=JSONObject(**{field.attname: F(field.attname) for field in get_columns(model)}),
        )
        .values_list("table_label", "pk", "row_values")
        for model, rows in by_model.items()
    ]
    if not queries:
        return {}
    rows = queries[0].union(*queries[1:], all=True)
    return {(MODELS_BY_LABEL[label], pk): row for label, pk, row in rows}


def find_published_changes(references: Iterable[RowReference]) -> dict[RowReference, Change]:
    """Read, for rows that are not stored, the published change that created or deleted each."""
    rows = [row for _, row in references]
    changes = Change.objects.published().filter(row__in=rows).exclude(action=Action.UPDATE)
    return index_by_reference(changes) if rows else {}
