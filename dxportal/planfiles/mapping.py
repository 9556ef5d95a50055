"""Mapping between a plan folder and the rows of the catalogue, in both directions, as the classes of `schema` declare.

Three rules cover every table: a field maps to its column; a foreign key without a field, or whose field is left out
although the column may not be empty, refers to the enclosing row of that table; `position` is the index in the list,
counted from 1.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import groupby
from typing import Any, cast

from django.db import models

from catalog.models import Plan, Printed
from dxportal.planfiles.primary_keys import derive_primary_key
from dxportal.planfiles.row_base import PlanFileRow, TrackedModel
from dxportal.planfiles.schema import Folder, PlanFile
from dxportal.tracked_tables import CATALOGUE

# The nearest row of each table, among the enclosing rows and those that they refer to.
EnclosingRows = Mapping[TrackedModel, Any]


@cache
def model_fields(table: TrackedModel) -> dict[str, models.Field[Any, Any]]:
    return {field.name: field for field in table._meta.concrete_fields}


@cache
def foreign_keys(table: TrackedModel) -> dict[str, TrackedModel]:
    """Return the referenced table of each foreign key, by field name."""
    return {name: field.related_model for name, field in model_fields(table).items() if field.related_model}


@cache
def refers_to_printed(shape: type[PlanFileRow]) -> bool:
    """Tell whether rows name rows of documents by their codes: these may stand in any document, a later one too."""
    targets = (model_fields(shape.table)[column.name].related_model for column in shape.columns().values())
    return any(target is not None and issubclass(target, Printed) for target in targets)


def build_rows(folder: Folder) -> list[models.Model]:
    """Return unsaved rows for a whole folder, parents before children within each table."""
    return RowBuilder(folder).rows


class RowBuilder:
    """Builder of rows, which walks a folder breadth first: each row after its parent and the rows that it refers to.

    `heading` holds the columns that a row takes from the heading above it.
    """

    def __init__(self, folder: Folder) -> None:
        self.rows: list[models.Model] = []
        self.rows_by_key: dict[tuple[object, ...], models.Model] = {}  # by table and natural key
        self.positions: Counter[tuple[object, TrackedModel]] = Counter()  # last position by parent and table
        self.queue: deque[tuple[PlanFileRow, Any, EnclosingRows, dict[str, Any]]] = deque()
        self.queue_after_printed: deque[tuple[PlanFileRow, Any, EnclosingRows, dict[str, Any]]] = deque()
        plan = self.make(Plan, self.values(folder.plan, {}), None, {})
        self.enqueue_children(folder, plan, {Plan: plan}, {})
        while queue := self.queue or self.queue_after_printed:
            self.add(*queue.popleft())

    def enqueue_children(
        self, row: PlanFileRow, parent: models.Model, enclosing: EnclosingRows, heading: dict[str, Any]
    ) -> None:
        for name, shape in row.children().items():
            queue = self.queue_after_printed if refers_to_printed(shape) else self.queue
            queue.extend((child, parent, enclosing, heading) for child in getattr(row, name))

    def add(self, row: PlanFileRow, parent: models.Model, enclosing: EnclosingRows, heading: dict[str, Any]) -> None:
        values = {**heading, **self.values(row, enclosing)}
        if row.is_heading:
            self.enqueue_children(row, parent, enclosing, values)
            return
        built = self.make(row.table, values, parent, enclosing)
        for label in row.labels():
            self.rows_by_key[row.table, label] = built
        pointed_at = {type(value): value for value in values.values() if isinstance(value, models.Model)}
        enclosing = {**enclosing, **pointed_at, row.table: built}
        for name, texts in row.texts().items():
            for text in getattr(row, name):
                self.make(texts.table, {texts.column: text, **texts.same}, built, enclosing)
        self.enqueue_children(row, built, enclosing, {})

    def values(self, row: PlanFileRow, enclosing: EnclosingRows) -> dict[str, Any]:
        """Return the values of a row's columns, with codes resolved to rows."""
        values: dict[str, Any] = {}
        for name, column in row.columns().items():
            value = getattr(row, name)
            for field in (
                model_fields(row.table)[field_name] for field_name in (column.name, column.also) if field_name
            ):
                if value is None and field.related_model and not field.null:
                    continue  # that of the row above
                if value is None:
                    values[field.name] = None if field.null else ""
                elif field.related_model:
                    scope = enclosing[column.within].natural_key() if column.within else ()
                    values[field.name] = self.rows_by_key[field.related_model, *scope, str(value)]
                else:
                    values[field.name] = value
        return values | row.derived()

    def make(
        self, table: TrackedModel, values: dict[str, Any], parent: models.Model | None, enclosing: EnclosingRows
    ) -> models.Model:
        nested = {name: enclosing.get(above) for name, above in foreign_keys(table).items() if name not in values}
        if parent and "position" in model_fields(table):
            self.positions[parent.pk, table] += 1
            nested["position"] = self.positions[parent.pk, table]
        row: Any = table(**values, **nested)
        key = row.natural_key()
        row.pk = derive_primary_key(table, *key)
        self.rows_by_key[table, *key] = row
        self.rows.append(row)
        return cast(models.Model, row)


def read_catalogue() -> Folder:
    """Return the catalogue as a folder, with one query per table. Raises Plan.DoesNotExist if it is empty."""
    plan = Plan.objects.get(is_current=True)
    return FolderBuilder([row for table in CATALOGUE for row in rows_in_file_order(table)]).build_folder(plan)


def rows_in_file_order(table: TrackedModel) -> models.QuerySet[Any]:
    """Return the rows of a table in file order: by fiscal year if it has one, then by the model's ordering."""
    years = ["fiscal_year"] if "fiscal_year" in model_fields(table) else []
    return table._default_manager.order_by(*years, *(table._meta.ordering or ()))


def value_of_parent(parent: models.Model | None, field: models.Field[Any, Any]) -> Any:
    """Return the parent's key if a foreign key refers to its table, else what the parent has in the same column."""
    return parent.pk if parent and type(parent) is field.related_model else getattr(parent, field.attname, None)


class FolderBuilder:
    """Builder of a folder, which nests rows under their parents."""

    def __init__(self, rows: Iterable[models.Model]) -> None:
        self.tables: dict[TrackedModel, dict[Any, Any]] = defaultdict(dict)
        for row in rows:
            self.tables[type(row)][row.pk] = row
        self.nested: dict[tuple[TrackedModel, TrackedModel], dict[Any, list[Any]]] = {}

    def build_folder(self, plan: Plan) -> Folder:
        lists: dict[str, Any] = {name: self.build_list(shape, plan) for name, shape in Folder.children().items()}
        folder = Folder.model_construct(plan=self.build_row(PlanFile, plan), **lists)
        folder.put_in_order()
        return folder

    def build_list(self, shape: type[PlanFileRow], parent: models.Model) -> list[PlanFileRow]:
        """Return the rows under a parent; if `shape` is a heading, grouped under headings."""
        rows = self.children_of(parent, shape.table)
        if not shape.is_heading:
            return [self.build_row(shape, row, parent) for row in rows]
        [(name, inner)] = shape.children().items()
        headings = groupby(rows, key=lambda row: self.values(shape, row, parent))
        return [
            shape.model_construct(None, **values, **{name: [self.build_row(inner, row, parent) for row in headed]})
            for values, headed in headings
        ]

    def build_row(self, shape: type[PlanFileRow], row: models.Model, parent: models.Model | None = None) -> Any:
        """Return a row of the folder, not validated again: the values come from the database."""
        values = self.values(shape, row, parent)
        for name, texts in shape.texts().items():
            rows = [text for text in self.children_of(row, texts.table) if texts.same.items() <= vars(text).items()]
            values[name] = [getattr(text, texts.column) for text in rows]
        for name, child in shape.children().items():
            values[name] = self.build_list(child, row)
        return shape.model_construct(None, **values)

    def values(self, shape: type[PlanFileRow], row: models.Model, parent: models.Model | None = None) -> dict[str, Any]:
        """Return a row's fields from its columns, references as codes.

        Empty texts that may be blank are left out, and references that are those of the row above.
        """
        values = {}
        for name, column in shape.columns().items():
            field = model_fields(type(row))[column.name]
            value = getattr(row, field.attname)
            may_be_left_out = field.related_model and not field.null and not shape.model_fields[name].is_required()
            if may_be_left_out and value == value_of_parent(parent, field):
                continue
            if field.related_model and value is not None:
                value = getattr(self.tables[field.related_model][value], column.by)
            if value != "" or not field.blank:
                values[name] = value
        return values

    def children_of(self, parent: models.Model, table: TrackedModel) -> list[Any]:
        """Return the direct children of a parent in a table; all its rows if it has no foreign key to the parent's."""
        names = {to: name for name, to in reversed(foreign_keys(table).items())}
        above = names.get(type(parent))
        if above is None:
            return list(self.tables[table].values())
        if (table, type(parent)) not in self.nested:
            nested = self.nested[table, type(parent)] = defaultdict(list)
            to_own_table = names.get(table, above)  # nested in its own table: not a direct child of another
            for row in self.tables[table].values():
                if to_own_table == above or getattr(row, f"{to_own_table}_id") is None:
                    nested[getattr(row, f"{above}_id")].append(row)
        return self.nested[table, type(parent)].get(parent.pk, [])
