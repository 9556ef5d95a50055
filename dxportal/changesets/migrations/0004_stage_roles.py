"""Stored changes of stages: `is_combined` goes, `role` comes."""

from importlib import import_module

from django.db import migrations

from dxportal.changesets.migration_operations import (
    ADDED,
    REMOVED,
    Conversion,
    build_rewrite_code,
    keep_revision,
)

LABEL = "まとめた区分"
role_of = import_module("budgets.migrations.0008_stage_roles").role_of


def convert(side, action):
    """Rows that come or go have a role now; a change of the removed field stays readable and is not replayed."""
    if action == "update":
        return {LABEL if name == "is_combined" else name: value for name, value in side.items()}
    return {name: value for name, value in side.items() if name != "is_combined"} | {"role": role_of(side["name"])}


def convert_back(side, action):
    if action == "update":
        return {"is_combined" if name == LABEL else name: value for name, value in side.items() if name != "role"}
    return {name: value for name, value in side.items() if name != "role"} | {"is_combined": False}


class Migration(migrations.Migration):
    dependencies = [
        ("changes", "0003_line_feeds"),
        ("budgets", "0008_stage_roles"),
        ("revisions", "0003_constraint_messages"),
    ]

    operations = [
        Conversion(
            build_rewrite_code("budgets.stage", convert),
            build_rewrite_code("budgets.stage", convert_back),
            (REMOVED, "budgets.stage", "is_combined"),
            (ADDED, "budgets.stage", "role"),
        ),
        keep_revision(),  # stages are no rows of a sheet
    ]
