"""Compiled queries: a queryset is compiled to SQL once and executed again with new parameters.

Compiling a query takes the ORM longer than SQLite takes to execute it: half of the time of a page with twelve queries.
The queries of a page have the same shape each time, so

    @compiled_query
    def lines_of_year(year: int) -> QuerySet[BudgetLine, tuple[str, int]]:
        return BudgetLine.objects.for_year(year).values_list("project__name", "amount_thousand_yen")

    lines_of_year(2021)  # a list, queried with each call

is compiled by the first call, with placeholders for its arguments. Each argument must become a parameter of the SQL by
itself: an int, str or UUID that is compared with something; not None, not a limit, not part of a pattern. A member of
an enumeration may decide the shape of the query instead, such as its columns: a query is compiled for each.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from enum import Enum
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, UUIDField

P = ParamSpec("P")
RowT = TypeVar("RowT")
Argument = int | str | UUID

UUID_FIELD = UUIDField()  # converts a UUID to the type that the engine stores

PLACEHOLDERS: dict[type, Callable[[int], Argument]] = {
    int: lambda place: 31_415 + place,  # within the range of the smallest integer field
    str: lambda place: f"\ue000{place}",
    UUID: lambda place: UUID(int=0xDA7A << 100 | place),
}


def compiled_query(make: Callable[P, QuerySet[Any, RowT]]) -> Callable[P, list[RowT]]:
    """Decorate a function that builds a queryset, so that it returns a list of rows by a query compiled per engine."""
    compiled: dict[tuple[str, ...], CompiledQuery[RowT]] = {}

    @wraps(make)
    def rows(*values: P.args, **named: P.kwargs) -> list[RowT]:
        if named:
            raise TypeError(f"{make.__name__} takes its values in their order")
        database_values = [to_database_value(value) for value in values if not isinstance(value, Enum)]
        shape = (connection.vendor, *(str(value) for value in values if isinstance(value, Enum)))
        query = compiled.get(shape)
        if query is None:
            given = [make_placeholder(value, place) for place, value in enumerate(values)]
            queryset = make(*given)  # type: ignore[call-arg]  # of the types of the values
            placeholders = [value for value in given if not isinstance(value, Enum)]
            query = compiled[shape] = CompiledQuery(queryset, placeholders)
        return query.execute(database_values)

    return rows


def make_placeholder(value: Any, place: int) -> Any:
    """Return a value of the same type that occurs nowhere else; a member of an enumeration stays as it is."""
    return value if isinstance(value, Enum) else PLACEHOLDERS[type(value)](place)


class CompiledQuery(Generic[RowT]):
    """Queryset compiled to SQL, with the positions of its arguments among the SQL parameters."""

    def __init__(self, queryset: QuerySet[Any, RowT], placeholders: list[Argument]) -> None:
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

    def execute(self, values: list[Any]) -> list[RowT]:
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
    """Tell whether an expression is a UUID that the engine returns as text."""
    return connection.vendor == "sqlite" and isinstance(expression.output_field, UUIDField)


def parse_uuid(text: str) -> UUID:
    """Parse 32 hex digits in half the time of `UUID(text)`, which accepts other forms too."""
    return UUID(int=int(text, 16))


def convert_uuid(value: str | None, *_: Any) -> UUID | None:
    """Parse a UUID or None. Converter for Django's compiler."""
    return None if value is None else parse_uuid(value)


def to_database_value(value: Any) -> Any:
    """Convert an argument to an SQL parameter; raise TypeError unless it is an int, str or UUID."""
    if type(value) not in PLACEHOLDERS:
        raise TypeError(f"No number, text or UUID: {value!r}")
    return UUID_FIELD.get_db_prep_value(value, connection) if isinstance(value, UUID) else value
