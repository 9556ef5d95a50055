"""The catalogue's tables as change sets see them: rows as plain values that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from django.db import models

from dxportal.tracked_tables import CATALOGUE

Values = dict[str, Any]
Rows = dict[UUID, Values]

TRACKED: Mapping[str, type[models.Model]] = {model._meta.db_table: model for model in CATALOGUE}


def label_of(model: type[models.Model]) -> str:
    return model._meta.label_lower


BY_LABEL: Mapping[str, type[models.Model]] = {label_of(model): model for model in CATALOGUE}


def kind_of(label: str) -> str:
    """What the rows of a table are called; a table that has been removed is stored under that name."""
    model = BY_LABEL.get(label)
    return str(model._meta.verbose_name) if model else label


@cache
def columns(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The fields of a row beside its primary key."""
    return [field for field in model._meta.concrete_fields if not field.primary_key]


@cache
def column_names(model: type[models.Model]) -> frozenset[str]:
    return frozenset(field.attname for field in columns(model))


def read(model: type[models.Model], condition: Any = None) -> Rows:
    """Read the rows of a table as they are stored, or those that fulfil a condition, by primary key."""
    names = [field.attname for field in columns(model)]
    queryset = model._default_manager.order_by()
    if condition is not None:
        queryset = queryset.filter(condition)
    plain = [as_plain(field) for field in columns(model)]
    return {
        pk: {name: convert(value) for name, convert, value in zip(names, plain, values, strict=True)}
        for pk, *values in queryset.values_list("pk", *names)
    }


def as_plain(field: models.Field[Any, Any]) -> Any:
    """How a field's value is said in JSON."""
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    if isinstance(target, models.UUIDField | models.DateField):
        return lambda value: None if value is None else str(value)
    return lambda value: value


def instance(model: type[models.Model], pk: UUID, values: Values) -> models.Model:
    """A row with these values, which has not been saved."""
    return model(pk=pk, **{field.attname: field.to_python(values[field.attname]) for field in columns(model)})
