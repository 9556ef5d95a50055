"""Mapping between a plan folder and the rows of the catalogue, in both directions, as the classes of `schema` declare.

Three rules cover every table: a field maps to its column; a foreign key without a field refers to the enclosing row of
that table; `position` is the index in the list, counted from 1.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import groupby
from typing import Any, cast

from django.db import models

from catalog.models import Plan
from dxportal.planfiles.identity import identity
from dxportal.planfiles.row_base import Row, Table
from dxportal.planfiles.schema import Folder, PlanFile
from dxportal.tracked_tables import CATALOGUE

Around = Mapping[Table, Any]  # the nearest row of each table among the enclosing rows and those that they refer to


@cache
def fields_of(table: Table) -> dict[str, models.Field[Any, Any]]:
    return {field.name: field for field in table._meta.concrete_fields}


@cache
def foreign_keys(table: Table) -> dict[str, Table]:
    """Return the referenced table of each foreign key, by field name."""
    return {name: field.related_model for name, field in fields_of(table).items() if field.related_model}


def rows_of(folder: Folder) -> list[models.Model]:
    """Return unsaved rows for a whole folder, parents before children within each table."""
    return RowBuilder(folder).made


class RowBuilder:
    """Builder of rows, which walks a folder breadth first: each row is made after its parent and the rows it refers to.

    `heading` holds the columns that a row takes from the heading above it.
    """

    def __init__(self, folder: Folder) -> None:
        self.made: list[models.Model] = []
        self.known: dict[tuple[object, ...], models.Model] = {}  # by table and natural key
        self.positions: Counter[tuple[object, Table]] = Counter()  # last position by parent and table
        self.waiting: deque[tuple[Row, Any, Around, dict[str, Any]]] = deque()
        plan = self.make(Plan, self.values(folder.plan, {}), None, {})
        self.wait(folder, plan, {Plan: plan}, {})
        while self.waiting:
            self.add(*self.waiting.popleft())

    def wait(self, row: Row, parent: models.Model, around: Around, heading: dict[str, Any]) -> None:
        for name in row.children():
            self.waiting.extend((child, parent, around, heading) for child in getattr(row, name))

    def add(self, row: Row, parent: models.Model, around: Around, heading: dict[str, Any]) -> None:
        values = {**heading, **self.values(row, around)}
        if row.is_heading:
            self.wait(row, parent, around, values)
            return
        made = self.make(row.table, values, parent, around)
        for label in row.labels():
            self.known[row.table, label] = made
        pointed_at = {type(value): value for value in values.values() if isinstance(value, models.Model)}
        around = {**around, **pointed_at, row.table: made}
        for name, texts in row.texts().items():
            for text in getattr(row, name):
                self.make(texts.table, {texts.column: text, **texts.same}, made, around)
        self.wait(row, made, around, {})

    def values(self, row: Row, around: Around) -> dict[str, Any]:
        """Return the values of a row's columns, with codes resolved to rows."""
        values: dict[str, Any] = {}
        for name, column in row.columns().items():
            value = getattr(row, name)
            for field in (fields_of(row.table)[one] for one in (column.name, column.also) if one):
                if value is None:
                    values[field.name] = None if field.null else ""
                elif field.related_model:
                    scope = around[column.within].natural_key() if column.within else ()
                    values[field.name] = self.known[field.related_model, *scope, str(value)]
                else:
                    values[field.name] = value
        return values | row.derived()

    def make(self, table: Table, values: dict[str, Any], parent: models.Model | None, around: Around) -> models.Model:
        nested = {name: around.get(above) for name, above in foreign_keys(table).items() if name not in values}
        if parent and "position" in fields_of(table):
            self.positions[parent.pk, table] += 1
            nested["position"] = self.positions[parent.pk, table]
        row: Any = table(**values, **nested)
        key = row.natural_key()
        row.pk = identity(table, *key)
        self.known[table, *key] = row
        self.made.append(row)
        return cast(models.Model, row)


def folder_of_catalogue() -> Folder:
    """Return the catalogue as a folder, with one query per table. Raises Plan.DoesNotExist if it is empty."""
    plan = Plan.objects.get(is_current=True)
    return FolderBuilder([row for table in CATALOGUE for row in in_order(table)]).folder(plan)


def in_order(table: Table) -> models.QuerySet[Any]:
    """Return the rows of a table in file order: by fiscal year if it has one, then by the model's ordering."""
    years = ["fiscal_year"] if "fiscal_year" in fields_of(table) else []
    return table._default_manager.order_by(*years, *(table._meta.ordering or ()))


class FolderBuilder:
    """Builder of a folder, which nests rows under their parents."""

    def __init__(self, rows: Iterable[models.Model]) -> None:
        self.tables: dict[Table, dict[Any, Any]] = defaultdict(dict)
        for row in rows:
            self.tables[type(row)][row.pk] = row
        self.nested: dict[tuple[Table, Table], dict[Any, list[Any]]] = {}

    def folder(self, plan: Plan) -> Folder:
        lists: dict[str, Any] = {name: self.list_of(shape, plan) for name, shape in Folder.children().items()}
        folder = Folder.model_construct(plan=self.row(PlanFile, plan), **lists)
        folder.put_in_order()
        return folder

    def list_of(self, shape: type[Row], parent: models.Model) -> list[Row]:
        """Return the rows under a parent; if `shape` is a heading, grouped under headings."""
        rows = self.under(parent, shape.table)
        if not shape.is_heading:
            return [self.row(shape, row) for row in rows]
        [(name, inner)] = shape.children().items()
        headings = groupby(rows, key=lambda row: self.values(shape, row))
        return [
            shape.model_construct(None, **values, **{name: [self.row(inner, row) for row in headed]})
            for values, headed in headings
        ]

    def row(self, shape: type[Row], row: models.Model) -> Any:
        """Return a row of the folder, not validated again: the values come from the database."""
        values = self.values(shape, row)
        for name, texts in shape.texts().items():
            rows = [one for one in self.under(row, texts.table) if texts.same.items() <= vars(one).items()]
            values[name] = [getattr(one, texts.column) for one in rows]
        for name, child in shape.children().items():
            values[name] = self.list_of(child, row)
        return shape.model_construct(None, **values)

    def values(self, shape: type[Row], row: models.Model) -> dict[str, Any]:
        """Return a row's fields from its columns, references as codes; empty texts that may be blank are left out."""
        values = {}
        for name, column in shape.columns().items():
            field = fields_of(type(row))[column.name]
            value = getattr(row, field.attname)
            if field.related_model and value is not None:
                value = getattr(self.tables[field.related_model][value], column.by)
            if isinstance(value, str):
                value = value.replace("\r\n", "\n")  # HTML forms send CR LF, plan files use LF
            if value != "" or not field.blank:
                values[name] = value
        return values

    def under(self, parent: models.Model, table: Table) -> list[Any]:
        """Return the direct children of a parent in a table; all its rows if it has no foreign key to the parent's."""
        names = {to: name for name, to in reversed(foreign_keys(table).items())}
        above = names.get(type(parent))
        if above is None:
            return list(self.tables[table].values())
        if (table, type(parent)) not in self.nested:
            nested = self.nested[table, type(parent)] = defaultdict(list)
            own = names.get(table, above)  # nested in its own table: not a direct child of another
            for row in self.tables[table].values():
                if own == above or getattr(row, f"{own}_id") is None:
                    nested[getattr(row, f"{above}_id")].append(row)
        return self.nested[table, type(parent)].get(parent.pk, [])
