"""Check the foreign keys of changed rows before the commit."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, connection, models

from dxportal.changesets.differences import Difference, grouped
from dxportal.changesets.row_values import columns


def check_references(wanted: Iterable[Difference]) -> None:
    """Raise IntegrityError if a changed row has a dangling foreign key, or a deleted row is still referred to.

    PostgreSQL checks its deferred constraints on demand. SQLite checks them at the commit alone, and its
    foreign_key_check scans whole tables, so the changed rows are checked by queries.
    """
    if connection.vendor == "postgresql":
        connection.check_constraints()
        return
    for model, changed in grouped(wanted).items():
        check_rows_exist(model, changed)
        check_not_referred_to(model, changed)


def check_rows_exist(model: type[models.Model], changed: list[Difference]) -> None:
    for field in columns(model):
        if isinstance(field, models.ForeignKey):
            keys = {one.after[field.attname] for one in changed if one.after and one.after.get(field.attname)}
            if keys and field.related_model._default_manager.filter(pk__in=keys).count() < len(keys):
                raise IntegrityError(f"{model._meta.db_table}.{field.column} refers to a row that is not there.")


def check_not_referred_to(model: type[models.Model], changed: list[Difference]) -> None:
    gone = [one.row for one in changed if one.after is None]
    for relation in model._meta.get_fields(include_hidden=True) if gone else ():
        if isinstance(relation, models.ForeignObjectRel):
            field = relation.field
            if (
                getattr(field, "db_constraint", False)
                and field.model._default_manager.filter(**{f"{field.name}__in": gone}).exists()
            ):
                raise IntegrityError(f"{field.model._meta.db_table}.{field.column} refers to a row that is deleted.")
