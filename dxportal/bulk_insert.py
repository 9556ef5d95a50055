"""Bulk insert by SQL, because creating a model instance per row would take most of the time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection, models

RowValues = Sequence[Any]


@dataclass(frozen=True)
class BatchSizes:
    """Batch sizes: rows held in memory, and rows per INSERT on PostgreSQL, where each statement is a round trip."""

    rows_in_memory: int = 5_000
    rows_per_statement: int = 500


DEFAULT_BATCH_SIZES = BatchSizes()


def insert_instances(model: type[models.Model], instances: Iterable[models.Model]) -> int:
    """Insert unsaved instances of one model, which have their primary keys; return their number.

    Takes a statement where `bulk_create` takes one per 999 values on SQLite.
    """
    fields = model._meta.concrete_fields
    names = [str(field.column) for field in fields]
    rows = ([field.get_db_prep_save(getattr(one, field.attname), connection) for field in fields] for one in instances)
    return insert(model, names, rows)


def insert(
    model: type[models.Model],
    names: Sequence[str],
    rows: Iterable[RowValues],
    batch_sizes: BatchSizes = DEFAULT_BATCH_SIZES,
) -> int:
    """Insert rows of values for the columns `names`; return their number. A UUID is given as its 32 hex digits."""
    quote, remaining, count = connection.ops.quote_name, iter(rows), 0
    columns = ", ".join(map(quote, names))
    statement_start = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES "  # noqa: S608  # names of columns
    row_placeholders = f"({', '.join(['%s'] * len(names))})"
    with connection.cursor() as cursor:
        while batch := list(islice(remaining, batch_sizes.rows_in_memory)):
            count += len(batch)
            if connection.vendor == "sqlite":
                cursor.executemany(statement_start + row_placeholders, batch)
                continue
            for start in range(0, len(batch), batch_sizes.rows_per_statement):
                chunk = batch[start : start + batch_sizes.rows_per_statement]
                cursor.execute(
                    statement_start + ", ".join([row_placeholders] * len(chunk)),
                    [value for row in chunk for value in row],
                )
    return count
