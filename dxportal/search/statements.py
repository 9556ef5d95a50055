"""Plain statements, where putting one together with Django's models takes longer than what it asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from struct import Struct
from typing import Any
from uuid import UUID

from django.db import connection

from catalog.compiled_queries import as_written, identity_in

HEAD = Struct(">11s2i")  # of rows that are copied: what they are, flags, bytes that follow the head
ROW = Struct(">h3i")  # how many fields, bytes of the number, the number, bytes that follow
END = 2  # bytes behind the last row


def asked(statement: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows that a statement gives; identities among the parameters as the database keeps them."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [as_written(one) for one in parameters])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def contents(statement: str) -> Iterable[tuple[int, bytes]]:
    """The rows of a statement, without `%`, that gives a whole number of four bytes, and bytes; neither is NULL."""
    if connection.vendor != "postgresql":
        return asked(statement)
    connection.validate_no_broken_transaction()
    copied = BytesIO()
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT binary)", copied)
    return rows_of(copied.getvalue())


def rows_of(copied: bytes) -> Iterator[tuple[int, bytes]]:
    """Rows in PostgreSQL's binary form. Else it writes bytes in digits, and to write and read these takes longer than
    all else that is done with them. Raises TypeError for other columns.
    """
    *_, more = HEAD.unpack_from(copied)
    at = HEAD.size + more
    while at < len(copied) - END:
        fields, length, number, size = ROW.unpack_from(copied, at)
        if (fields, length) != (2, 4) or size < 0:
            raise TypeError("Not a whole number of four bytes, and bytes")
        at += ROW.size + size
        yield number, copied[at - size : at]


def identity(value: Any) -> UUID:
    """An identity as the database gives it."""
    return value if isinstance(value, UUID) else identity_in(value)


def numbers(some: Iterable[int]) -> str:
    """For between the brackets of IN: a parameter for each would take most of the time."""
    return ",".join(map(str, some))


def places(parameters: Iterable[Any]) -> str:
    """The same for parameters."""
    return ",".join("%s" for _ in parameters)
