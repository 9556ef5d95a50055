"""Tracked tables and their rows as JSON-serialisable values, keyed by column."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL

from dxportal.tracked_tables import CATALOGUE

ColumnValues = dict[str, Any]
ValuesByRow = dict[UUID, ColumnValues]
KEYS_PER_QUERY = 30_000  # SQLite allows 32,766 parameters

MODELS_BY_TABLE: Mapping[str, type[models.Model]] = {model._meta.db_table: model for model in CATALOGUE}


def label_of(model: type[models.Model]) -> str:
    return model._meta.label_lower


MODELS_BY_LABEL: Mapping[str, type[models.Model]] = {label_of(model): model for model in CATALOGUE}


def kind_of(label: str) -> str:
    """Return the Japanese name of a table's rows; changes of a removed table have it as their label."""
    model = MODELS_BY_LABEL.get(label)
    return str(model._meta.verbose_name) if model else label


@cache
def get_columns(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """Return the columns of a table, without the primary key."""
    return [field for field in model._meta.concrete_fields if not field.primary_key]


@cache
def get_column_names(model: type[models.Model]) -> frozenset[str]:
    return frozenset(field.attname for field in get_columns(model))


def read_rows(model: type[models.Model], rows: Collection[UUID] | RawSQL | None = None) -> ValuesByRow:
    """Read rows of a table by primary key or by an SQL condition; all rows if None."""
    if rows is None or isinstance(rows, RawSQL):
        return dict(read_rows_where(model, rows or Q()))
    keys = list(rows)
    parts = (keys[start : start + KEYS_PER_QUERY] for start in range(0, len(keys), KEYS_PER_QUERY))
    return {pk: values for part in parts for pk, values in read_rows_where(model, Q(pk__in=part))}


def read_rows_where(model: type[models.Model], condition: Q | RawSQL) -> Iterator[tuple[UUID, ColumnValues]]:
    names = [field.attname for field in get_columns(model)]
    converters = [json_converter(field) for field in get_columns(model)]
    rows: Any = model._default_manager.order_by().filter(condition)
    for pk, *values in rows.values_list("pk", *names):
        yield pk, {name: convert(value) for name, convert, value in zip(names, converters, values, strict=True)}


def json_converter(field: models.Field[Any, Any]) -> Any:
    """Return the function that converts a value of the field to JSON: UUIDs and dates become strings."""
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    if isinstance(target, models.UUIDField | models.DateField):
        return lambda value: None if value is None else str(value)
    return lambda value: value


def build_instance(model: type[models.Model], pk: UUID, values: ColumnValues) -> models.Model:
    """Build an unsaved model instance from JSON values."""
    return model(pk=pk, **{field.attname: field.to_python(values[field.attname]) for field in get_columns(model)})
