"""Dependencies of index documents on other rows, to find the documents that a change affects."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models

from catalog.row_changes import RowChange, changed_rows, column_values, updated_rows

IndexedModel = type[models.Model]


@dataclass(frozen=True)
class Dependency:
    """Rows that a document reads beside its own: the lookup path to them, and the columns read (empty: any).

    A path ends in a reverse foreign key of the row, or in a foreign key of the row or of a row that refers to it.
    """

    path: str
    columns: tuple[str, ...]

    def affected_rows(self, model: IndexedModel, changes: Collection[RowChange]) -> set[UUID]:
        """Return the primary keys of rows of `model` whose documents read a changed row, before or after the change."""
        last = last_relation(model, self.path)
        other, rows = last.related_model, model._default_manager.order_by()
        if not last.one_to_many:
            # A foreign key that moved is a change of the referring row, which the source or another dependency covers.
            changed = updated_rows(changes, other, *self.columns)
            return set(rows.filter(**{f"{self.path}__in": changed}).values_list("pk", flat=True)) if changed else set()
        column = last.field.attname
        parents = {UUID(str(value)) for value in column_values(changes, other, column)}
        if changed := changed_rows(changes, other, *self.columns):
            parents.update(other._default_manager.filter(pk__in=changed).values_list(column, flat=True))
        return parents


def last_relation(model: IndexedModel, path: str) -> Any:
    """Return the field or reverse relation at the end of a lookup path."""
    first, _, rest = path.partition("__")
    relation: Any = model._meta.get_field(first)
    return last_relation(relation.related_model, rest) if rest else relation
