"""Statements that are put together once and asked again and again with other values.

To put a statement together takes the ORM longer than SQLite needs to answer it: on a page of twelve queries half of the
time. What a page asks has the same shape each time, so

    @compiled_query
    def lines_of_year(year: int) -> QuerySet[BudgetLine, tuple[str, int]]:
        return BudgetLine.objects.for_year(year).values_list("project__name", "amount_thousand_yen")

    lines_of_year(2021)  # a list, read anew with each call

is put together with the first call, from marks in the place of its values. Each value has to stand in the statement by
itself: a number, a text or a UUID that is compared with something; not None, not how many rows are wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, UUIDField

P = ParamSpec("P")
Row = TypeVar("Row")
Value = int | str | UUID

UUID_FIELD = UUIDField()  # knows how each kind of database keeps one

PLACEHOLDERS: dict[type, Callable[[int], Value]] = {
    int: lambda place: 31_415 + place,  # within the range of the smallest field of a number
    str: lambda place: f"\ue000{place}",
    UUID: lambda place: UUID(int=0xDA7A << 100 | place),
}


def compiled_query(make: Callable[P, QuerySet[Any, Row]]) -> Callable[P, list[Row]]:
    """The rows of a queryset whose statement is put together once for each kind of database."""
    compiled: dict[str, CompiledQuery[Row]] = {}

    @wraps(make)
    def rows(*values: P.args, **named: P.kwargs) -> list[Row]:
        if named:
            raise TypeError(f"{make.__name__} takes its values in their order")
        database_values = [to_database_value(value) for value in values]
        query = compiled.get(connection.vendor)
        if query is None:
            placeholders = [PLACEHOLDERS[type(value)](place) for place, value in enumerate(values)]
            queryset = make(*placeholders)  # type: ignore[arg-type, call-arg]  # marks are of the types of the values
            query = compiled[connection.vendor] = CompiledQuery(queryset, placeholders)
        return query.execute(database_values)

    return rows


class CompiledQuery(Generic[Row]):
    """A queryset as SQL, and where in it which value stands."""

    def __init__(self, queryset: QuerySet[Any, Row], placeholders: list[Value]) -> None:
        self.queryset = queryset
        self.compiler = queryset.query.get_compiler(connection=connection)
        self.sql, self.parameters = self.compiler.as_sql()
        self.converters = {
            column: ([convert_uuid] if is_uuid_as_text(expression) else converters, expression)
            for column, (converters, expression) in self.compiler.get_converters(
                [expression for expression, *_ in self.compiler.select]
            ).items()
        }
        index_of = {to_database_value(placeholder): place for place, placeholder in enumerate(placeholders)}
        self.slots = [(at, index_of[value]) for at, value in enumerate(self.parameters) if value in index_of]
        missing = set(range(len(placeholders))) - {index for _, index in self.slots}
        if missing:
            raise ValueError(f"Values {missing} do not stand by themselves in {self.sql}")

    def execute(self, values: list[Any]) -> list[Row]:
        parameters = [*self.parameters]
        for position, index in self.slots:
            parameters[position] = values[index]
        compiler: Any = copy(self.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *args, **named: (self.sql, tuple(parameters))
        compiler.get_converters = lambda *args: self.converters
        queryset: Any = self.queryset.all()
        queryset._query.get_compiler = lambda *args, **named: compiler
        return list(queryset)


def is_uuid_as_text(expression: Any) -> bool:
    """Whether the database keeps what an expression gives as text although it is an identity."""
    return connection.vendor == "sqlite" and isinstance(expression.output_field, UUIDField)


def parse_uuid(text: str) -> UUID:
    """In half the time that `UUID(text)` takes, which looks for other ways to write one."""
    return UUID(int=int(text, 16))


def convert_uuid(value: str | None, *_: Any) -> UUID | None:
    """The same as a converter of Django's."""
    return None if value is None else parse_uuid(value)


def to_database_value(value: Any) -> Any:
    """The value as the database is given it."""
    if type(value) not in PLACEHOLDERS:
        raise TypeError(f"No number, text or UUID: {value!r}")
    return UUID_FIELD.get_db_prep_value(value, connection) if isinstance(value, UUID) else value
