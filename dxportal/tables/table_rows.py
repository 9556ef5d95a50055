"""Reader of a table's rows: sorted, in chunks, with the columns that the registry declares."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import F, OrderBy, QuerySet, Value

from dxportal.tables.columns import Column, TableRow
from dxportal.tables.table import Table

NO_SORT_KEYS: Mapping[str, str] = {}
ROWS_PER_READ = 2000  # rows held in memory at a time while a file is written


@dataclass(frozen=True)
class SortKey:
    """Sort key of a query; `nulls` places NULLs `first` or `last`, or is blank if the column has none.

    NULLS FIRST or LAST on a column without NULLs would keep PostgreSQL from using an index for the order.
    """

    path: str
    descending: bool
    nulls: str

    def ordering(self, name: str) -> OrderBy:
        nulls = {f"nulls_{self.nulls}": True} if self.nulls else {}
        return OrderBy(F(name), descending=self.descending, **nulls)


@dataclass(frozen=True)
class TableRows:
    """Rows of one queryset, or of the union of several. `sort` is a column name, with `-` for descending order.

    `only` restricts the columns that are read; None reads all.
    """

    table: Table
    querysets: Sequence[QuerySet[Any, Any]]
    sort: str = ""
    only: Collection[str] | None = None

    def __iter__(self) -> Iterator[TableRow]:
        """Iterate over all rows, with one chunk in memory at a time."""
        return self.read(self.chunks())

    def slice(self, start: int, stop: int) -> list[TableRow]:
        first = self.querysets[0]
        model: Any = first.model
        if not self.table.is_long:
            return list(self.read([list(self.queryset[start:stop])]))
        # Deferred join: select the primary keys first, else the database joins every row that OFFSET skips.
        primary_keys = list(first.order_by(*self.ordering)[start:stop].values_list("pk", flat=True))
        rank = {pk: n for n, pk in enumerate(primary_keys)}
        select_tuples = long_table_tuples(self.table, model).filter(pk__in=primary_keys)
        return list(self.read([sorted(select_tuples, key=lambda row: rank[row[0]])]))

    def iterate_columns(self, names: Sequence[str]) -> Iterator[list[Sequence[Any]]]:
        """Yield all rows as chunks in columnar form: one sequence of values per named column. Files are written so.

        A dictionary per row would dominate the time of a million rows; so would columns that are not named, which are
        read only if a derived column needs them.
        """
        named = replace(self, only=names)
        for chunk in named.chunks():
            values = named.transpose(chunk)
            yield [values[name] for name in names]

    def chunks(self) -> Iterator[list[tuple[Any, ...]]]:
        # Outside a transaction Django declares a cursor WITH HOLD, so that PostgreSQL stores all rows before it returns
        # the first one. SQLite reads row by row in any case, and a transaction would take its write lock.
        with transaction.atomic() if connection.vendor == "postgresql" else nullcontext():
            tuples = self.queryset.iterator(chunk_size=ROWS_PER_READ)
            while chunk := list(islice(tuples, ROWS_PER_READ)):
                yield chunk

    @cached_property
    def queryset(self) -> Any:
        """Sorted queryset of tuples: the columns, then for a union the sort keys."""
        keys = self.sort_keys
        first, *others = self.querysets
        if not others:
            return self.select_tuples(first).order_by(*self.ordering)
        # SQL sorts a union only by its selected columns.
        sorted_by = {f"order_{n}": key.path for n, key in enumerate(keys)}
        tuples = self.select_tuples(first, sorted_by)
        tuples = tuples.union(*(self.select_tuples(other, sorted_by, like=tuples) for other in others), all=True)
        return tuples.order_by(*(key.ordering(alias) for key, alias in zip(keys, sorted_by, strict=True)))

    @property
    def ordering(self) -> list[OrderBy]:
        return [key.ordering(key.path) for key in self.sort_keys]

    @property
    def sort_keys(self) -> list[SortKey]:
        """Sort keys: the column of `sort`, NULLs last, then the table's order, NULLs first unless it has none."""
        column = self.table.by_name.get(self.sort.removeprefix("-"))
        first = [SortKey(key, self.sort.startswith("-"), "last") for key in (column.sort if column else ())]
        nothing = "" if self.table.is_long else "first"
        default = [SortKey(key.removeprefix("-"), key.startswith("-"), nothing) for key in self.table.order]
        return [*first, *default]

    def select_tuples(self, queryset: Any, sorted_by: Mapping[str, str] = NO_SORT_KEYS, like: Any = None) -> Any:
        """Select the columns of one queryset as tuples.

        In a union, a field that the model lacks becomes NULL, of the type it has in `like`.
        """
        wanted: dict[str, Any] = {
            f"col_{column.name}": column.expression or column.name for column in self.database_columns
        }
        wanted |= sorted_by
        fields = {field.name for field in queryset.model._meta.get_fields()} | set(queryset.query.annotations)
        stated: dict[str, Any] = {}
        for name, path in wanted.items():
            if like is not None and isinstance(path, str) and path.split("__")[0] not in fields:
                stated[name] = Value(None, like.query.annotations[name].output_field)
            else:
                stated[name] = F(path) if isinstance(path, str) else path
        return queryset.order_by().annotate(**stated).values_list(*self.key_columns, *stated)

    @cached_property
    def columns(self) -> list[Column]:
        """The columns that are read: those of `only`, and those that they are derived from."""
        columns = self.table.columns
        if self.only is None:
            return list(columns)
        needed = {
            name for column in columns if column.name in self.only for name in (column.name, *column.derived_from)
        }
        return [column for column in columns if column.name in needed]

    @cached_property
    def database_columns(self) -> list[Column]:
        return [column for column in self.columns if column.gather is None and column.derive is None]

    @cached_property
    def key_columns(self) -> list[str]:
        """["pk"] if tuples begin with the primary key, which texts are gathered and long tables read by; else []."""
        is_needed = any(column.gather for column in self.columns) or (self.table.is_long and self.only is None)
        return ["pk"] if len(self.querysets) == 1 and is_needed else []

    def read(self, chunks: Iterable[list[tuple[Any, ...]]]) -> Iterator[TableRow]:
        for chunk in chunks:
            values = self.transpose(chunk)
            for row in zip(*values.values(), strict=True):
                yield dict(zip(values, row, strict=True))

    def transpose(self, chunk: list[tuple[Any, ...]]) -> dict[str, Sequence[Any]]:
        """Transpose a chunk of tuples into values by column, without the sort keys at their end.

        Adds gathered texts and derived values.
        """
        names = [*self.key_columns, *(column.name for column in self.database_columns)]
        values: dict[str, Sequence[Any]] = dict(zip(names, zip(*chunk, strict=True), strict=False))
        if not chunk:
            return values
        for column in self.columns:
            if column.gather:
                texts = column.gather(values["pk"])
                values[column.name] = [texts.get(pk, "") for pk in values["pk"]]
            elif column.derive:
                values[column.name] = column.derive(*(values[name] for name in column.derived_from))
        return values


@cache
def long_table_tuples(table: Table, model: Any) -> QuerySet[Any, Any]:
    """Return the queryset of a long table's tuples, cached because building its annotations is slow."""
    rows = model._default_manager.all()
    tuples: QuerySet[Any, Any] = TableRows(table, (rows,)).select_tuples(rows)
    return tuples
