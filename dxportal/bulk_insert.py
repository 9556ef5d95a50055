"""Bulk insert by SQL, because creating a model instance per row would take most of the time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection, models

Row = Sequence[Any]


@dataclass(frozen=True)
class Limits:
    """Batch sizes: rows held in memory, and rows per INSERT on PostgreSQL, where each statement is a round trip."""

    rows_in_memory: int = 5_000
    rows_per_statement: int = 500


LIMITS = Limits()


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Row], limits: Limits = LIMITS) -> int:
    """Insert rows of values for the columns `names`; return their number. A UUID is given as its 32 hex digits."""
    columns, rest, count = ", ".join(map(connection.ops.quote_name, names)), iter(rows), 0
    start = f"INSERT INTO {model._meta.db_table} ({columns}) VALUES "  # noqa: S608  # names of columns
    one = f"({', '.join(['%s'] * len(names))})"
    with connection.cursor() as cursor:
        while some := list(islice(rest, limits.rows_in_memory)):
            count += len(some)
            if connection.vendor == "sqlite":
                cursor.executemany(start + one, some)
                continue
            for place in range(0, len(some), limits.rows_per_statement):
                part = some[place : place + limits.rows_per_statement]
                cursor.execute(start + ", ".join([one] * len(part)), [value for row in part for value in row])
    return count
