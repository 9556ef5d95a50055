"""Plain statements, where building one with Django's models takes longer than what it asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

from catalog.compiled_queries import parse_uuid, to_database_value


def rows_of(statement: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows that a statement gives; primary keys among the parameters as the database keeps them."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [to_database_value(value) for value in parameters])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def identity(value: Any) -> UUID:
    """A primary key as the database gives it."""
    return value if isinstance(value, UUID) else parse_uuid(value)


def placeholders(parameters: Iterable[Any]) -> str:
    """For between the brackets of IN."""
    return ",".join("%s" for _ in parameters)
