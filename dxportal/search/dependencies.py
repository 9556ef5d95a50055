"""Which documents of the index a change has an influence on: those that are made of the row that changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models

from catalog.row_changes import RowChange, changed_rows, column_values, updated_rows

Model = type[models.Model]


@dataclass(frozen=True)
class Dependency:
    """Other rows that a row's document is made of: the path from the row to them, and the columns read (none: any).

    They are what refers to the row, or what the row, or what refers to it, refers to.
    """

    path: str
    columns: tuple[str, ...]

    def concerned(self, model: Model, changes: Collection[RowChange]) -> set[UUID]:
        """The rows of a model whose documents are made of rows that change, or were before."""
        last = last_relation(model, self.path)
        other, found = last.related_model, model._default_manager.order_by()
        if not last.one_to_many:
            # What refers to another one than before is a row that changes, too, and told by another dependency.
            changed = updated_rows(changes, other, *self.columns)
            return set(found.filter(**{f"{self.path}__in": changed}).values_list("pk", flat=True)) if changed else set()
        column = last.field.attname
        parents = {UUID(str(one)) for one in column_values(changes, other, column)}
        if changed := changed_rows(changes, other, *self.columns):
            parents.update(other._default_manager.filter(pk__in=changed).values_list(column, flat=True))
        return parents


def last_relation(model: Model, path: str) -> Any:
    """The field, or what stands for it on the other side, with which a path of lookups ends."""
    first, _, rest = path.partition("__")
    relation: Any = model._meta.get_field(first)
    return last_relation(relation.related_model, rest) if rest else relation
