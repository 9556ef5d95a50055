"""Refreshing of derived tables for tests that change rows without a publication."""

from __future__ import annotations

from typing import Any

from django.db import models

from budgets import materialized_rows
from catalog.row_changes import RowChange


def refresh_rows() -> None:
    """Refresh the materialised rows after a test has changed the catalogue."""
    materialized_rows.refresh_budgets(None)


def creation_of(row: models.Model) -> RowChange:
    """Return the change that reports a row's creation to subscribers."""
    return RowChange(type(row), row.pk, None, column_values(row))


def deletion_of(row: models.Model) -> RowChange:
    """Return the change that reports a row's deletion to subscribers."""
    return RowChange(type(row), row.pk, column_values(row), None)


def update_row(row: models.Model, **values: Any) -> RowChange:
    """Update a row as a publication does, and return the change that subscribers are given."""
    type(row)._default_manager.filter(pk=row.pk).update(**values)
    new = type(row)._default_manager.get(pk=row.pk)
    old, now = column_values(row).items(), column_values(new).items()
    return RowChange(type(row), row.pk, dict(old - now), dict(now - old))


def column_values(row: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}
