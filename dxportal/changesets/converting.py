"""Migration operations that convert stored changes when a tracked table or column changes.

A change set of any state has to be readable, and where possible to be published or undone, after every upgrade. What
change sets store of rows are values by column; so a migration of `catalog`, `projects` or `budgets` that changes a
column or a table has a companion here in `dxportal/changesets/migrations/`, which depends on it and on the latest
migration of `revisions`:

    class Migration(migrations.Migration):
        dependencies = [("changes", "0001_initial"), ("budgets", "0005_basis"), ("revisions", "0002_mark")]
        operations = [add_field("budgets.budgetline", "basis", "")]

Columns are named as in the table (`project_id`, not `project`). A test walks through all migrations and says which
operation is missing (`tests/upgrades/test_every_migration_is_converted.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db import migrations
from django.db.models import F

from dxportal.revisions.models import new_mark

Side = dict[str, Any]  # the values of a row before or after, by column
Convert = Callable[[Side, str], Side]  # of a side and the action of its change
CHUNK = 500  # changes that are in memory at a time

ADDED, REMOVED, CHANGED, DATA = "adds", "removes", "changes", "writes data"
Demand = tuple[str, str, str]  # what becomes of the column of a table; the column is empty where the table itself goes


class Conversion(migrations.RunPython):
    """A conversion of stored changes; `answers` are the changes of the schema that it converts them for."""

    def __init__(self, code: Any, reverse_code: Any, *answers: Demand, renames: tuple[str, str] | None = None) -> None:
        super().__init__(code, reverse_code)
        self.answers = frozenset(answers)
        self.renames = renames


def rename_field(model: str, old: str, new: str) -> Conversion:
    """A column has another name and the same values."""
    code, back = code_to_rename(model, old, new), code_to_rename(model, new, old)
    return Conversion(code, back, (REMOVED, model, old), (ADDED, model, new))


def add_field(model: str, name: str, value: Any) -> Conversion:
    """A column is new: rows that are added or deleted have `value` in it, or what `value(side)` returns.

    It has to be what the migration of the table puts into rows that are stored.
    """

    def add(side: Side, action: str) -> Side:
        return side if action == "update" else side | {name: value(side) if callable(value) else value}

    def drop(side: Side, action: str) -> Side:
        return {one: held for one, held in side.items() if one != name}

    return Conversion(code_to_rewrite(model, add), code_to_rewrite(model, drop), (ADDED, model, name))


def remove_field(model: str, name: str, label: str) -> Conversion:
    """A column is gone without a counterpart: its values are stored under its Japanese label, to be read.

    Sets that hold such a value are shown and never replayed (`Change.obstacle`). Identities of other rows are made
    words by `convert_values` before.
    """
    if label.isascii():
        raise ValueError(f"The label of a removed field must not look like a column: {label}")
    code, back = code_to_rename(model, name, label), code_to_rename(model, label, name)
    return Conversion(code, back, (REMOVED, model, name))


def convert_values(
    model: str, name: str, forwards: Callable[[Any], Any], backwards: Callable[[Any], Any] | None = None
) -> Conversion:
    """The values of a column are other ones: stored values follow, and the revision is raised."""

    def code_to_convert(convert: Callable[[Any], Any]) -> Any:
        rewrite = code_to_rewrite(
            model, lambda side, action: side | {name: convert(side[name])} if name in side else side
        )

        def run(apps: Any, schema_editor: Any) -> None:
            rewrite(apps, schema_editor)
            advance_revision(apps, schema_editor)

        return run

    back = code_to_convert(backwards) if backwards else None
    return Conversion(code_to_convert(forwards), back, (CHANGED, model, name), (DATA, "", ""))


def rename_model(old: str, new: str) -> Conversion:
    """A table has another name or app label."""
    return Conversion(code_to_relabel(old, new), code_to_relabel(new, old), (REMOVED, old, ""), renames=(old, new))


def remove_model(model: str, label: str) -> Conversion:
    """A table is gone: changes of its rows are stored under its Japanese name, shown, and never replayed.

    If its rows belonged to no plan, `OF_NO_PLAN` in `public.py` needs this name, or the public no longer reads them.
    """
    if label.isascii():
        raise ValueError(f"The name of a removed table must not look like one: {label}")
    return Conversion(code_to_relabel(model, label), code_to_relabel(label, model), (REMOVED, model, ""))


def raise_revision() -> Conversion:
    """A migration has changed what is public: sheets that were made before are refused and have to be taken again."""
    return Conversion(advance_revision, advance_revision, (DATA, "", ""))


def keep_revision() -> Conversion:
    """A migration runs code or SQL, but nothing that change sets track is changed by it."""
    return Conversion(migrations.RunPython.noop, migrations.RunPython.noop, (DATA, "", ""))


def code_to_rename(model: str, old: str, new: str) -> Any:
    def rename(side: Side, action: str) -> Side:
        if old in side and new in side:
            raise ValueError(f"Stored changes of {model} hold {new} already: choose another label.")
        return {new if name == old else name: value for name, value in side.items()}

    return code_to_rewrite(model, rename)


def code_to_rewrite(model: str, convert: Convert) -> Any:
    """The code of a migration that converts both sides of all changes of a table."""

    def run(apps: Any, schema_editor: Any) -> None:
        for chunk in changes_in_chunks(apps, schema_editor, model):
            for name in ("before", "after"):
                # Sides that are not there stay out of it: they would become the null of JSON.
                stated = [change for change in chunk if getattr(change, name) is not None]
                for change in stated:
                    setattr(change, name, convert(getattr(change, name), change.action))
                changes_of(apps, schema_editor).bulk_update(stated, [name])

    return run


def changes_in_chunks(apps: Any, schema_editor: Any, model: str) -> Iterator[list[Any]]:
    """The changes of a table by primary key: a cursor would see rows that are written while it reads."""
    last = 0
    while chunk := list(changes_of(apps, schema_editor).filter(model=model, pk__gt=last).order_by("pk")[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def changes_of(apps: Any, schema_editor: Any) -> Any:
    return apps.get_model("changes", "Change").objects.using(schema_editor.connection.alias)


def code_to_relabel(old: str, new: str) -> Any:
    def run(apps: Any, schema_editor: Any) -> None:
        changes_of(apps, schema_editor).filter(model=old).update(model=new)

    return run


def advance_revision(apps: Any, schema_editor: Any) -> None:
    revisions = apps.get_model("revisions", "Revision").objects.using(schema_editor.connection.alias)
    revisions.update(number=F("number") + 1, mark=new_mark())
