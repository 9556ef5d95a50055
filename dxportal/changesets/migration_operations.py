"""Migration operations that convert stored changes when a tracked table or column changes.

A change set of any state must stay readable, and where possible publishable or undoable, after every upgrade. Change
sets store row values by column. A migration of `catalog`, `projects` or `budgets` that changes a column or a table
therefore has a companion in `dxportal/changesets/migrations/`, which depends on it and on the latest migration of
`revisions`:

    class Migration(migrations.Migration):
        dependencies = [("changes", "0001_initial"), ("budgets", "0005_basis"), ("revisions", "0002_mark")]
        operations = [add_field("budgets.budgetline", "basis", "")]

Columns are named as in the table (`project_id`, not `project`). A test walks all migrations and reports a missing
operation (`tests/upgrades/test_every_migration_is_converted.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db import migrations
from django.db.models import F

from dxportal.revisions.models import new_mark

Side = dict[str, Any]  # the values of a row before or after, by column
SideConverter = Callable[[Side, str], Side]  # (side, action of the change) -> converted side
CHANGES_PER_BATCH = 500  # changes in memory at a time

ADDED, REMOVED, CHANGED, DATA = "adds", "removes", "changes", "writes data"
SchemaChange = tuple[str, str, str]  # (schema change, table, column); the column is empty for a removed table


class Conversion(migrations.RunPython):
    """A conversion of stored changes; `schema_changes` are those that it covers."""

    def __init__(
        self, code: Any, reverse_code: Any, *schema_changes: SchemaChange, renames: tuple[str, str] | None = None
    ) -> None:
        super().__init__(code, reverse_code)
        self.schema_changes = frozenset(schema_changes)
        self.renames = renames


def rename_field(model: str, old: str, new: str) -> Conversion:
    """Convert stored changes for a renamed column."""
    code, reverse_code = build_rename_code(model, old, new), build_rename_code(model, new, old)
    return Conversion(code, reverse_code, (REMOVED, model, old), (ADDED, model, new))


def add_field(model: str, name: str, value: Any) -> Conversion:
    """Convert stored changes for a new column: created and deleted rows get `value`, or the result of `value(side)`.

    It must equal the value with which the migration of the table fills existing rows.
    """

    def add(side: Side, action: str) -> Side:
        return side if action == "update" else side | {name: value(side) if callable(value) else value}

    def drop(side: Side, action: str) -> Side:
        return {column: value for column, value in side.items() if column != name}

    return Conversion(build_rewrite_code(model, add), build_rewrite_code(model, drop), (ADDED, model, name))


def remove_field(model: str, name: str, label: str) -> Conversion:
    """Convert stored changes for a dropped column: its values stay readable under its Japanese label.

    Change sets with such a value are shown but never replayed (`Change.obstacle`). Convert foreign keys to text with
    `convert_values` first. Raises ValueError if the label is ASCII, as a column name would be.
    """
    if label.isascii():
        raise ValueError(f"The label of a removed field must not look like a column: {label}")
    code, reverse_code = build_rename_code(model, name, label), build_rename_code(model, label, name)
    return Conversion(code, reverse_code, (REMOVED, model, name))


def convert_values(
    model: str, name: str, forwards: Callable[[Any], Any], backwards: Callable[[Any], Any] | None = None
) -> Conversion:
    """Convert the stored values of a column as its migration converted those of the table; raises the revision."""

    def build_conversion_code(convert: Callable[[Any], Any]) -> Any:
        rewrite = build_rewrite_code(
            model, lambda side, action: side | {name: convert(side[name])} if name in side else side
        )

        def run(apps: Any, schema_editor: Any) -> None:
            rewrite(apps, schema_editor)
            increment_revision(apps, schema_editor)

        return run

    reverse_code = build_conversion_code(backwards) if backwards else None
    return Conversion(build_conversion_code(forwards), reverse_code, (CHANGED, model, name), (DATA, "", ""))


def rename_model(old: str, new: str) -> Conversion:
    """Convert stored changes for a table with a new name or app label."""
    return Conversion(
        build_relabel_code(old, new), build_relabel_code(new, old), (REMOVED, old, ""), renames=(old, new)
    )


def remove_model(model: str, label: str) -> Conversion:
    """Convert stored changes for a dropped table: they stay readable under its Japanese name and are never replayed.

    If its rows belonged to no plan, add the name to `TABLES_WITHOUT_PLAN` in `published_changes.py`, or the public page
    of changes drops them. Raises ValueError if the label is ASCII, as a table name would be.
    """
    if label.isascii():
        raise ValueError(f"The name of a removed table must not look like one: {label}")
    return Conversion(build_relabel_code(model, label), build_relabel_code(label, model), (REMOVED, model, ""))


def raise_revision() -> Conversion:
    """Raise the revision after a data migration of published rows; sheets downloaded before are then refused."""
    return Conversion(increment_revision, increment_revision, (DATA, "", ""))


def keep_revision() -> Conversion:
    """Declare that a migration with code or SQL does not change any tracked table."""
    return Conversion(migrations.RunPython.noop, migrations.RunPython.noop, (DATA, "", ""))


def build_rename_code(model: str, old: str, new: str) -> Any:
    """Return migration code that renames a column in both sides; ValueError if the new name is taken."""

    def rename(side: Side, action: str) -> Side:
        if old in side and new in side:
            raise ValueError(f"Stored changes of {model} hold {new} already: choose another label.")
        return {new if name == old else name: value for name, value in side.items()}

    return build_rewrite_code(model, rename)


def build_rewrite_code(model: str, convert: SideConverter) -> Any:
    """Return migration code that converts both sides of all stored changes of a table."""

    def run(apps: Any, schema_editor: Any) -> None:
        for chunk in iterate_change_batches(apps, schema_editor, model):
            for name in ("before", "after"):
                # A missing side is SQL NULL; bulk_update would write it as a JSON null.
                with_side = [change for change in chunk if getattr(change, name) is not None]
                for change in with_side:
                    setattr(change, name, convert(getattr(change, name), change.action))
                get_stored_changes(apps, schema_editor).bulk_update(with_side, [name])

    return run


def iterate_change_batches(apps: Any, schema_editor: Any, model: str) -> Iterator[list[Any]]:
    """Yield the changes of a table in pages by primary key: an open cursor could see the rows that are rewritten."""
    last = 0
    changes = get_stored_changes(apps, schema_editor).filter(model=model).order_by("pk")
    while chunk := list(changes.filter(pk__gt=last)[:CHANGES_PER_BATCH]):
        yield chunk
        last = chunk[-1].pk


def get_stored_changes(apps: Any, schema_editor: Any) -> Any:
    return apps.get_model("changes", "Change").objects.using(schema_editor.connection.alias)


def build_relabel_code(old: str, new: str) -> Any:
    """Return migration code that replaces the table label of stored changes."""

    def run(apps: Any, schema_editor: Any) -> None:
        get_stored_changes(apps, schema_editor).filter(model=old).update(model=new)

    return run


def increment_revision(apps: Any, schema_editor: Any) -> None:
    revisions = apps.get_model("revisions", "Revision").objects.using(schema_editor.connection.alias)
    revisions.update(number=F("number") + 1, mark=new_mark())
