"""Find the migrations since 0.1.0 that change a tracked table and that nothing converts stored changes for.

All migrations are walked through in their order. The column changes of each are compared with the changes that
the migration operations of `changes` (`dxportal.changesets.migration_operations`) cover.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import apps
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from dxportal.changesets.migration_operations import ADDED, CHANGED, DATA, REMOVED, Conversion, SchemaChange
from dxportal.changesets.row_values import MODELS_BY_LABEL

Key = tuple[str, str]  # a migration
Columns = dict[str, Any]  # what has to be known of each column of a table
Tables = dict[str, Columns]

VERSION_0_1_0 = {"catalog": "0002_terms", "projects": "0002_places", "budgets": "0004_changes"}
APPS = VERSION_0_1_0.keys() | {label.split(".")[0] for label in MODELS_BY_LABEL}
# Tables that are derived, now or formerly: no change set holds their rows.
DERIVED = frozenset(
    {
        "projects.projectplace",
        "budgets.budgetrow",
        "budgets.budgetsum",
        "budgets.budgetchange",
        "budgets.budgetchangesum",
    }
)
WIDER_TYPES = {"PositiveBigIntegerField": "BigIntegerField"}  # which has room for every value of the other
WHAT_TO_WRITE = {
    ADDED: 'add_field("{model}", "{column}", VALUE), or rename_field if it is another one under a new name',
    REMOVED: 'remove_field("{model}", "{column}", LABEL), or rename_field if it has a new name',
    CHANGED: 'convert_values("{model}", "{column}", FORWARDS, BACKWARDS)',
    DATA: "raise_revision(), or keep_revision() if it writes to derived tables alone",
}
TABLE_GONE = 'remove_model("{model}", LABEL), rename_model("{model}", NEW), or name it in DERIVED if it was derived'


class Loader(MigrationLoader):
    """The migrations of this project and others, which no database has seen."""

    def __init__(self, *more: migrations.Migration) -> None:
        self.more = more
        super().__init__(None, ignore_no_migrations=True)

    def load_disk(self) -> None:
        super().load_disk()
        self.disk_migrations |= {(migration.app_label, migration.name): migration for migration in self.more}


def find_unconverted(loader: MigrationLoader) -> list[str]:
    """Describe change of a tracked table that no conversion answers for, and what to write."""
    graph = loader.graph
    answers = list_answers(loader)
    known = {key for app, name in VERSION_0_1_0.items() for key in graph.forwards_plan((app, name))}
    state, sentences = ProjectState(), []
    for key in dict.fromkeys(key for leaf in graph.leaf_nodes() for key in graph.forwards_plan(leaf)):
        migration = graph.nodes[key]
        before = tables_of(state)
        state = migration.mutate_state(state, preserve=False)
        if key[0] in APPS and key not in known:
            conversions = answers.get(key, [])
            wanted = set(list_demands(migration, before, tables_of(state), conversions))
            answered = {demand for conversion in conversions for demand in conversion.schema_changes}
            sentences += [describe(key, demand) for demand in sorted(wanted - answered)]
    return sentences


def list_answers(loader: MigrationLoader) -> dict[Key, list[Conversion]]:
    """The conversions by the migration that they are written for."""
    found: dict[Key, list[Conversion]] = {}
    for key, migration in loader.disk_migrations.items():
        if key[0] == "changes":
            conversions = [operation for operation in migration.operations if isinstance(operation, Conversion)]
            for dependency in migration.dependencies:
                found.setdefault(dependency, []).extend(conversions)
    return found


def tables_of(state: ProjectState) -> Tables:
    """The columns of the catalogue's tables, derived ones left out."""
    return {
        f"{app}.{name}": dict(columns_of(model.fields))
        for (app, name), model in state.models.items()
        if app in APPS and not is_derived(f"{app}.{name}")
    }


def is_derived(label: str) -> bool:
    """Whether a table was derived formerly, or this version has it and does not track it."""
    app, name = label.split(".")
    return label in DERIVED or (label not in MODELS_BY_LABEL and name in apps.all_models[app])


def columns_of(fields: Mapping[str, models.Field[Any, Any]]) -> Iterator[tuple[str, Any]]:
    """Each column with its type, the table it refers to, whether it may be empty, and the values it can choose from."""
    for name, field in fields.items():
        if field.primary_key or field.many_to_many:
            continue
        target = field.remote_field.model if field.remote_field else ""
        target = str(getattr(getattr(target, "_meta", None), "label_lower", target)).lower()
        choices = frozenset(value for value, _ in field.choices or ())
        yield (f"{name}_id" if target else name), (type(field).__name__, target, field.null, choices)


def list_demands(
    migration: migrations.Migration, before: Tables, after: Tables, conversions: list[Conversion]
) -> Iterator[SchemaChange]:
    renames = dict(conversion.renames for conversion in conversions if conversion.renames)
    for label, old in before.items():
        new = after.get(renames.get(label, label))
        if new is None or label in renames:
            yield REMOVED, label, ""
        if new is not None:
            yield from ((REMOVED, label, name) for name in old.keys() - new.keys())
            yield from ((ADDED, label, name) for name in new.keys() - old.keys())
            both = old.keys() & new.keys()
            yield from ((CHANGED, label, name) for name in both if not is_wider(old[name], new[name], renames))
    if any(isinstance(operation, migrations.RunPython | migrations.RunSQL) for operation in migration.operations):
        yield DATA, "", ""


def is_wider(old: Any, new: Any, renames: Mapping[str, str]) -> bool:
    """Whether every value that a column could have is one that it can have."""
    type_, target, null, choices = old
    types = (type_, WIDER_TYPES.get(type_, type_))
    same = new[0] in types and renames.get(target, target) == new[1] and null <= new[2]
    return same and (not new[3] or (bool(choices) and choices <= new[3]))


def describe(key: Key, demand: SchemaChange) -> str:
    what, model, column = demand
    write = TABLE_GONE if what == REMOVED and not column else WHAT_TO_WRITE[what]
    write = write.format(model=model, column=column)
    return (
        f"{'.'.join(key)} {what} {model}.{column}".rstrip(". ")
        + f": stored change sets have to follow. Write {write} (dxportal.changesets.migration_operations)"
        f" in a migration of dxportal/changesets/ that depends on {key} (CONTRIBUTING.md)."
    )
