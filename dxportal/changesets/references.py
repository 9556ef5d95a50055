"""Check the foreign keys of changed rows before the commit."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, connection, models

from dxportal.changesets.differences import RowDifference, group_by_table
from dxportal.changesets.row_values import get_columns


def check_changed_references(differences: Iterable[RowDifference]) -> None:
    """Raise IntegrityError if a changed row has a dangling foreign key, or a deleted row is still referred to.

    PostgreSQL checks its deferred constraints on demand. SQLite checks them at the commit alone, and its
    foreign_key_check scans whole tables, so the changed rows are checked by queries.
    """
    if connection.vendor == "postgresql":
        connection.check_constraints()
        return
    for model, of_table in group_by_table(differences).items():
        check_rows_exist(model, of_table)
        check_not_referred_to(model, of_table)


def check_rows_exist(model: type[models.Model], differences: list[RowDifference]) -> None:
    rows = [difference.after for difference in differences if difference.after]
    for field in get_columns(model):
        if isinstance(field, models.ForeignKey):
            keys = {row[field.attname] for row in rows if row.get(field.attname)}
            if keys and field.related_model._default_manager.filter(pk__in=keys).count() < len(keys):
                raise IntegrityError(f"{model._meta.db_table}.{field.column} refers to a row that is not there.")


def check_not_referred_to(model: type[models.Model], differences: list[RowDifference]) -> None:
    deleted = [difference.row for difference in differences if difference.after is None]
    for relation in model._meta.get_fields(include_hidden=True) if deleted else ():
        if isinstance(relation, models.ForeignObjectRel):
            field = relation.field
            if (
                getattr(field, "db_constraint", False)
                and field.model._default_manager.filter(**{f"{field.name}__in": deleted}).exists()
            ):
                raise IntegrityError(f"{field.model._meta.db_table}.{field.column} refers to a row that is deleted.")
