"""Reader of a table's rows: sorted, in chunks, with the columns that the registry declares."""

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
CHUNK = 2000  # rows held in memory at a time while a file is written


@dataclass(frozen=True)
class SortKey:
    """Sort key of a query; `nothing` places NULLs `first` or `last`, or is blank if the column has none.

    NULLS FIRST or LAST on a column without NULLs would keep PostgreSQL from using an index for the order.
    """

    path: str
    descending: bool
    nothing: str

    def ordering(self, name: str) -> OrderBy:
        nulls = {f"nulls_{self.nothing}": True} if self.nothing else {}
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

    def __iter__(self) -> Iterator[Row]:
        """Iterate over all rows, with one chunk in memory at a time."""
        return self.read(self.chunks())

    def between(self, start: int, stop: int) -> list[Row]:
        first = self.querysets[0]
        model: Any = first.model
        if not self.table.is_long:
            return list(self.read([list(self.queryset[start:stop])]))
        # Deferred join: select the primary keys first, else the database joins every row that OFFSET skips.
        shown = list(first.order_by(*self.ordering)[start:stop].values_list("pk", flat=True))
        place = {pk: n for n, pk in enumerate(shown)}
        tuples = every_row(self.table, model).filter(pk__in=shown)
        return list(self.read([sorted(tuples, key=lambda row: place[row[0]])]))

    def in_columns(self, names: Sequence[str]) -> Iterator[list[Sequence[Any]]]:
        """Yield all rows as chunks in columnar form: one sequence of values per named column. Files are written so.

        A dictionary per row would dominate the time of a million rows; so would columns that are not named, which are
        read only if a derived or gathered column needs them.
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
        """Sorted queryset of tuples: the columns, then for a union the sort keys."""
        keys = self.sort_keys
        first, *others = self.querysets
        if not others:
            return self.tuples(first).order_by(*self.ordering)
        # SQL sorts a union only by its selected columns.
        sorted_by = {f"order_{n}": key.path for n, key in enumerate(keys)}
        tuples = self.tuples(first, sorted_by)
        tuples = tuples.union(*(self.tuples(other, sorted_by, like=tuples) for other in others), all=True)
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

    def tuples(self, queryset: Any, sorted_by: Mapping[str, str] = NOTHING, like: Any = None) -> Any:
        """Select the columns of one queryset as tuples.

        In a union, a field that the model lacks becomes NULL, of the type it has in `like`.
        """
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
        """["pk"] if tuples begin with the primary key; [] for a union, or if `only` restricts the columns."""
        return ["pk"] if len(self.querysets) == 1 and self.only is None else []

    def read(self, chunks: Iterable[list[tuple[Any, ...]]]) -> Iterator[Row]:
        derived = [(column.name, column.derive) for column in self.table.columns if column.derive]
        for chunk in chunks:
            values = self.by_column(chunk)
            for row in zip(*values.values(), strict=True):
                said = dict(zip(values, row, strict=True))
                yield said | {name: derive(said) for name, derive in derived}

    def by_column(self, chunk: list[tuple[Any, ...]]) -> dict[str, Sequence[Any]]:
        """Transpose a chunk of tuples into values by column, without the sort keys at their end; add gathered texts."""
        names = [*self.key, *(column.name for column in self.computed)]
        values: dict[str, Sequence[Any]] = dict(zip(names, zip(*chunk, strict=True), strict=False))
        for column in self.table.columns:
            if column.gather and chunk:
                texts = column.gather(values["pk"])
                values[column.name] = [texts.get(pk, "") for pk in values["pk"]]
        return values


@cache
def every_row(table: Table, model: Any) -> QuerySet[Any, Any]:
    """Return the queryset of a long table's tuples, cached because building its annotations is slow."""
    rows = model._default_manager.all()
    tuples: QuerySet[Any, Any] = TableRows(table, (rows,)).tuples(rows)
    return tuples
