"""Raw SQL helpers for statements that take Django longer to build than the database to run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

from catalog.compiled_queries import parse_uuid, to_database_value


def fetch_rows(statement: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a statement and return its rows; UUID parameters are converted to the database's form."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [to_database_value(value) for value in parameters])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def to_uuid(value: Any) -> UUID:
    """Convert a primary key from the database's form to a UUID."""
    return value if isinstance(value, UUID) else parse_uuid(value)


def placeholders(parameters: Iterable[Any]) -> str:
    """Return the placeholders for the brackets of IN."""
    return ",".join("%s" for _ in parameters)
