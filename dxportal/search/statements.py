"""Plain statements, where putting one together with Django's models takes longer than what it asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

from catalog.statements import as_written, identity_in


def asked(statement: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows that a statement gives; identities among the parameters as the database keeps them."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [as_written(one) for one in parameters])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def identity(value: Any) -> UUID:
    """An identity as the database gives it."""
    return value if isinstance(value, UUID) else identity_in(value)


def numbers(some: Iterable[int]) -> str:
    """For between the brackets of IN: a parameter for each would take most of the time."""
    return ",".join(map(str, some))


def places(parameters: Iterable[Any]) -> str:
    """The same for parameters."""
    return ",".join("%s" for _ in parameters)
