"""The rows of a table, read from the database: in chunks, in one order, as the columns of the registry say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import islice
from typing import Any

from django.db.models import F, OrderBy, QuerySet, Value

from dxportal.tables.columns import Column, Row
from dxportal.tables.table import Table

NOTHING: Mapping[str, str] = {}
CHUNK = 2000  # rows that are in memory at a time while a file is written


@dataclass(frozen=True)
class SortKey:
    """`nothing`: where a row stands that states nothing, `first` or `last`; blank where each row states something.

    Said of what is never nothing, it would keep PostgreSQL from reading along an index.
    """

    path: str
    descending: bool
    nothing: str

    def ordering(self, name: str) -> OrderBy:
        nulls = {f"nulls_{self.nothing}": True} if self.nothing else {}
        return OrderBy(F(name), descending=self.descending, **nulls)


@dataclass(frozen=True)
class TableRows:
    """The rows of one queryset, or of several in one order; `sort` is a column's name, or that with `-` before it.

    `only`: the columns that are read, where these are not all.
    """

    table: Table
    querysets: Sequence[QuerySet[Any, Any]]
    sort: str = ""
    only: Collection[str] | None = None

    def __iter__(self) -> Iterator[Row]:
        """All rows; however many they are, a chunk of them is in memory."""
        return self.read(self.chunks())

    def between(self, start: int, stop: int) -> list[Row]:
        first = self.querysets[0]
        model: Any = first.model
        if not self.table.is_long:
            return list(self.read([list(self.queryset[start:stop])]))
        # Which rows these are is asked first: else all that is skipped would be joined with what it shows.
        shown = list(first.order_by(*self.ordering)[start:stop].values_list("pk", flat=True))
        place = {pk: n for n, pk in enumerate(shown)}
        tuples = every_row(self.table, model).filter(pk__in=shown)
        return list(self.read([sorted(tuples, key=lambda row: place[row[0]])]))

    def in_columns(self, names: Sequence[str]) -> Iterator[list[Sequence[Any]]]:
        """All rows chunk by chunk, for each of the named columns its values: files are written from this.

        A dictionary for each of a million rows would take longer than all the rest, and so would columns that are not
        named, where no other needs them.
        """
        is_derived = any(column.derive for column in self.table.columns)
        needs_others = is_derived or any(column.gather for column in self.table.columns)
        read = self if needs_others else replace(self, only=names)
        for chunk in read.chunks():
            values = read.by_column(chunk)
            if is_derived:
                rows = list(read.read([chunk]))
                values |= {column.name: [row[column.name] for row in rows] for column in self.table.columns}
            yield [values[name] for name in names]

    def chunks(self) -> Iterator[list[tuple[Any, ...]]]:
        tuples = self.queryset.iterator(chunk_size=CHUNK)
        while chunk := list(islice(tuples, CHUNK)):
            yield chunk

    @cached_property
    def queryset(self) -> Any:
        """Tuples of the columns; rows without an amount stand in one order with the others."""
        keys = self.sort_keys
        first, *others = self.querysets
        if not others:
            return self.tuples(first).order_by(*self.ordering)
        # What a union is sorted by has to be among its columns.
        sorted_by = {f"order_{n}": key.path for n, key in enumerate(keys)}
        tuples = self.tuples(first, sorted_by)
        tuples = tuples.union(*(self.tuples(other, sorted_by, like=tuples) for other in others), all=True)
        return tuples.order_by(*(key.ordering(alias) for key, alias in zip(keys, sorted_by, strict=True)))

    @property
    def ordering(self) -> list[OrderBy]:
        return [key.ordering(key.path) for key in self.sort_keys]

    @property
    def sort_keys(self) -> list[SortKey]:
        """The column asked for, what states nothing last; then the order of the table, of long ones by own columns."""
        column = self.table.by_name.get(self.sort.removeprefix("-"))
        first = [SortKey(key, self.sort.startswith("-"), "last") for key in (column.sort if column else ())]
        nothing = "" if self.table.is_long else "first"
        default = [SortKey(key.removeprefix("-"), key.startswith("-"), nothing) for key in self.table.order]
        return [*first, *default]

    def tuples(self, queryset: Any, sorted_by: Mapping[str, str] = NOTHING, like: Any = None) -> Any:
        """The columns of one queryset; where its model has no such field nothing stands, of the type it is `like`."""
        wanted: dict[str, Any] = {f"col_{column.name}": column.expression or column.name for column in self.computed}
        wanted |= sorted_by
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
        return [
            column
            for column in self.table.columns
            if column.gather is None and column.derive is None and (self.only is None or column.name in self.only)
        ]

    @property
    def key(self) -> list[str]:
        """The primary key, first of the values; rows of several models, or that are sums of lines, have none."""
        return ["pk"] if len(self.querysets) == 1 and self.only is None else []

    def read(self, chunks: Iterable[list[tuple[Any, ...]]]) -> Iterator[Row]:
        derived = [(column.name, column.derive) for column in self.table.columns if column.derive]
        for chunk in chunks:
            values = self.by_column(chunk)
            for row in zip(*values.values(), strict=True):
                said = dict(zip(values, row, strict=True))
                yield said | {name: derive(said) for name, derive in derived}

    def by_column(self, chunk: list[tuple[Any, ...]]) -> dict[str, Sequence[Any]]:
        """The values of some rows by column; those by which they are sorted come last and are left out."""
        names = [*self.key, *(column.name for column in self.computed)]
        values: dict[str, Sequence[Any]] = dict(zip(names, zip(*chunk, strict=True), strict=False))
        for column in self.table.columns:
            if column.gather and chunk:
                texts = column.gather(values["pk"])
                values[column.name] = [texts.get(pk, "") for pk in values["pk"]]
        return values


@cache
def every_row(table: Table, model: Any) -> QuerySet[Any, Any]:
    """All rows of a long table, to be narrowed to some: what its columns say is put together once."""
    rows = model._default_manager.all()
    tuples: QuerySet[Any, Any] = TableRows(table, (rows,)).tuples(rows)
    return tuples
