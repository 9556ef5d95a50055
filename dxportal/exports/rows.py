"""The rows of a table, read from the database: in chunks, in one order, as the columns of the registry say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from django.db.models import F, OrderBy, QuerySet, Value

from dxportal.exports.columns import Column, Row
from dxportal.exports.tables import Table

CHUNK = 2000  # rows that are in memory at a time while a file is written


@dataclass(frozen=True)
class SortKey:
    path: str
    descending: bool
    nothing_last: bool

    def ordering(self, alias: str) -> OrderBy:
        nulls = {"nulls_last": True} if self.nothing_last else {"nulls_first": True}
        return OrderBy(F(alias), descending=self.descending, **nulls)


@dataclass(frozen=True)
class TableRows:
    """The rows of one queryset, or of several in one order; `sort` is a column's name, or that with `-` before it."""

    table: Table
    querysets: Sequence[QuerySet[Any, Any]]
    sort: str = ""

    def __iter__(self) -> Iterator[Row]:
        """All rows; however many they are, a chunk of them is in memory."""
        return self.read(self.queryset.iterator(chunk_size=CHUNK))

    def between(self, start: int, stop: int) -> list[Row]:
        return list(self.read(iter(self.queryset[start:stop])))

    @cached_property
    def queryset(self) -> Any:
        """Tuples of the columns; rows without an amount stand in one order with the others."""
        keys = self.sort_keys
        first, *others = self.querysets
        tuples = self.tuples(first, keys)
        if others:
            tuples = tuples.union(*(self.tuples(other, keys, like=tuples) for other in others), all=True)
        return tuples.order_by(*(key.ordering(f"order_{n}") for n, key in enumerate(keys)))

    @property
    def sort_keys(self) -> list[SortKey]:
        """The column asked for, what states nothing last; then the order of the table."""
        column = self.table.by_name.get(self.sort.removeprefix("-"))
        first = [SortKey(key, self.sort.startswith("-"), nothing_last=True) for key in (column.sort if column else ())]
        default = [SortKey(key.removeprefix("-"), key.startswith("-"), nothing_last=False) for key in self.table.order]
        return [*first, *default]

    def tuples(self, queryset: Any, keys: list[SortKey], like: Any = None) -> Any:
        """The columns of one queryset; where its model has no such field nothing stands, of the type it is `like`."""
        wanted: dict[str, Any] = {f"col_{column.name}": column.expression or column.name for column in self.computed}
        wanted |= {f"order_{n}": key.path for n, key in enumerate(keys)}
        fields = {field.name for field in queryset.model._meta.get_fields()} | set(queryset.query.annotations)
        stated: dict[str, Any] = {}
        for name, path in wanted.items():
            if like is not None and isinstance(path, str) and path.split("__")[0] not in fields:
                stated[name] = Value(None, like.query.annotations[name].output_field)
            else:
                stated[name] = F(path) if isinstance(path, str) else path
        return queryset.order_by().annotate(**stated).values_list(*self.key, *stated)

    @property
    def computed(self) -> list[Column]:
        return [column for column in self.table.columns if column.gather is None and column.derive is None]

    @property
    def key(self) -> list[str]:
        """The primary key, where there are texts to gather by it; rows that are sums of lines have none."""
        return ["pk"] if any(column.gather for column in self.table.columns) else []

    def read(self, tuples: Iterator[tuple[Any, ...]]) -> Iterator[Row]:
        names = [*self.key, *(column.name for column in self.computed)]
        gathered = [(column.name, column.gather) for column in self.table.columns if column.gather]
        derived = [(column.name, column.derive) for column in self.table.columns if column.derive]
        while chunk := list(islice(tuples, CHUNK)):
            # the values by which it is sorted come after those of the columns
            rows: list[dict[str, Any]] = [dict(zip(names, values, strict=False)) for values in chunk]
            for name, gather in gathered:
                texts = gather([row["pk"] for row in rows])
                for row in rows:
                    row[name] = texts.get(row["pk"], "")
            for row in rows:
                yield row | {name: derive(row) for name, derive in derived}
