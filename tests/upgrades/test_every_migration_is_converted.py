"""No migration can change a tracked table and forget the change sets that are stored."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import migrations, models

from dxportal.changesets.migration_operations import (
    Conversion,
    add_field,
    convert_values,
    keep_revision,
    raise_revision,
    remove_field,
    remove_model,
    rename_field,
    rename_model,
)
from tests.upgrades.migrations_to_convert import Loader, find_unconverted

pytestmark = pytest.mark.on_no_database
LINES = "budgets.budgetline"
LATEST = {app: name for app, name in Loader().graph.leaf_nodes() if app in ("budgets", "projects", "changes")}
Operations = list[Any]


def after(operations: Operations, conversions: list[Conversion], app: str = "budgets") -> list[str]:
    """List conversions that are missing if a migration with these operations came next, and one of `changes`."""
    one, two = migrations.Migration("9999_next", app), migrations.Migration("9999_next", "changes")
    one.operations = operations
    one.dependencies = [(app, LATEST[app])]
    two.operations = conversions
    two.dependencies = [("changes", LATEST["changes"]), (app, "9999_next")]
    return find_unconverted(Loader(one, two) if conversions else Loader(one))


def test_every_migration_since_0_1_0_is_converted() -> None:
    missing = find_unconverted(Loader())
    assert not missing, "\n".join(missing)


def text(**options: Any) -> models.Field[Any, Any]:
    return models.TextField(blank=True, **options)


kind = models.CharField(max_length=20, choices=[("expenditure", "予算額")])
more_kinds = models.CharField(max_length=20, choices=[("expenditure", ""), ("lending_limit", ""), ("fee", "")])
CHANGES: list[Any] = [
    ("add", [migrations.AddField("BudgetLine", "basis", text())], [add_field(LINES, "basis", "")], ["basis"]),
    (
        "relation",
        [migrations.AddField("BudgetLine", "cause", models.ForeignKey("projects.Project", models.PROTECT))],
        [add_field(LINES, "cause_id", None)],
        ["cause_id"],
    ),
    (
        "remove",
        [migrations.RemoveField("BudgetLine", "page")],
        [remove_field(LINES, "page", "出典ページ")],
        ["page"],
    ),
    (
        "rename",
        [migrations.RenameField("BudgetLine", "editorial_note", "note")],
        [rename_field(LINES, "editorial_note", "note")],
        ["note", "editorial_note"],
    ),
    (
        "type",
        [migrations.AlterField("BudgetLine", "page", models.TextField(null=True))],
        [convert_values(LINES, "page", str)],
        ["page"],
    ),
    ("choices", [migrations.AlterField("BudgetLine", "kind", kind)], [convert_values(LINES, "kind", str)], ["kind"]),
    (
        "null",
        [migrations.AlterField("BudgetLine", "page", models.PositiveSmallIntegerField())],
        [convert_values(LINES, "page", lambda page: page or 0)],
        ["page"],
    ),
    (
        "table renamed",
        [migrations.RenameModel("BudgetLine", "Amount")],
        [rename_model(LINES, "budgets.amount")],
        [LINES],
    ),
    ("table gone", [migrations.DeleteModel("BudgetLine")], [remove_model(LINES, "予算額")], [LINES]),
    ("data", [migrations.RunPython(migrations.RunPython.noop)], [raise_revision()], ["raise_revision()"]),
    ("derived data", [migrations.RunSQL("SELECT 1")], [keep_revision()], ["keep_revision()"]),
    (
        "in any way",
        [migrations.SeparateDatabaseAndState(state_operations=[migrations.AddField("BudgetLine", "basis", text())])],
        [add_field(LINES, "basis", "")],
        ["basis"],
    ),
]


@pytest.mark.parametrize(
    ("operations", "conversions", "named"), [rest for _, *rest in CHANGES], ids=[name for name, *_ in CHANGES]
)
def test_what_is_forgotten_is_told(operations: Operations, conversions: list[Conversion], named: list[str]) -> None:
    missing = after(operations, [])
    assert len(missing) == len(named)
    for name in named:
        assert any(name in sentence and "budgets.9999_next" in sentence for sentence in missing), missing
    assert after(operations, conversions) == []


FREE: Operations = [
    migrations.AddField("BudgetRow", "basis", text()),  # derived
    migrations.DeleteModel("BudgetChange"),
    migrations.CreateModel("Ceiling", [("id", models.BigAutoField(primary_key=True)), ("amount", text())]),
    migrations.AlterField("BudgetLine", "kind", more_kinds),
    migrations.AlterField("BudgetLine", "fiscal_year", models.PositiveSmallIntegerField("年", help_text="西暦で。")),
    migrations.AlterField("BudgetLine", "stage", models.ForeignKey("budgets.Stage", models.PROTECT, null=True)),
    migrations.AddIndex("BudgetLine", models.Index(fields=["page"], name="page")),
]


@pytest.mark.parametrize("operation", FREE, ids=lambda one: one.describe())
def test_what_no_change_set_can_hold_needs_nothing(operation: Any) -> None:
    assert after([operation], []) == []


def test_a_conversion_answers_for_the_migration_that_it_depends_on_alone() -> None:
    operations = [migrations.AddField("Project", "basis", text())]
    assert len(after(operations, [add_field(LINES, "basis", "")], "projects")) == 1
    assert after(operations, [add_field("projects.project", "basis", "")], "projects") == []


def test_a_column_that_goes_and_comes_back_needs_both() -> None:
    """The database of 0.1.0 has been through both."""
    first, second = migrations.Migration("9998_first", "budgets"), migrations.Migration("9999_second", "budgets")
    first.operations = [migrations.RemoveField("BudgetLine", "page")]
    second.operations = [migrations.AddField("BudgetLine", "page", models.PositiveSmallIntegerField(null=True))]
    first.dependencies, second.dependencies = [("budgets", LATEST["budgets"])], [("budgets", "9998_first")]
    assert len(find_unconverted(Loader(first, second))) == 2
