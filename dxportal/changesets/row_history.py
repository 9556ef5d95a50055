"""Published history of a row and of the rows that belong to it, with author, reviewer and time, for staff."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q

from catalog.models import Countermeasure
from dxportal.changesets.models import Change, ChangeQuerySet
from dxportal.changesets.row_values import MODELS_BY_TABLE, label_of
from projects.models import Project, SakigakeProject

# Tables whose history includes that of the rows that refer to them.
TABLES_WITH_RELATED_HISTORY: tuple[type[models.Model], ...] = (Project, SakigakeProject, Countermeasure)


def find_row_history(model: type[models.Model], row: UUID) -> ChangeQuerySet:
    """Return the published changes of a row, the latest first, with change set, author and reviewer; one query."""
    published = Change.objects.published()
    condition = Q(model=label_of(model), row=row)
    for relation in find_referring_keys(model):
        label, name = label_of(relation.model), relation.attname
        changed = published.filter(Q(**{f"before__{name}": str(row)}) | Q(**{f"after__{name}": str(row)}), model=label)
        stored = relation.model._default_manager.order_by().filter(**{name: row}).values("pk")
        condition |= Q(model=label) & (Q(row__in=stored) | Q(row__in=changed.order_by().values("row")))
    return (
        published.filter(condition)
        .select_related("change_set__author", "change_set__reviewed_by")
        .order_by("-change_set__published_at", "-change_set__pk", "model", "key", "pk")
    )


def find_referring_keys(model: type[models.Model]) -> list[models.ForeignKey[Any, Any]]:
    """Return the foreign keys of tracked tables to a table whose history includes them; else an empty list."""
    if model not in TABLES_WITH_RELATED_HISTORY:
        return []
    return [
        field
        for table in MODELS_BY_TABLE.values()
        for field in table._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is model
    ]
