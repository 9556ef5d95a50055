"""Store line feeds as the line ends of all texts: forms of 0.1.0 stored CR LF, which a plan folder does not hold."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import Q

from catalog.hidden_characters import normalize_line_breaks
from dxportal.changesets.migration_operations import build_rewrite_code, increment_revision

CATALOGUE_APPS = ("catalog", "projects", "budgets")


def store_line_feeds(apps: Any, schema_editor: Any) -> None:
    """Convert rows and stored changes; raise the revision if a row is converted, for sheets hold the old texts."""
    database = schema_editor.connection.alias
    tables = [model for label in CATALOGUE_APPS for model in apps.get_app_config(label).get_models()]
    if sum(convert_rows(model, database) for model in tables):
        increment_revision(apps, schema_editor)
    stored = apps.get_model("changes", "Change").objects.using(database)
    for label in list(stored.order_by().values_list("model", flat=True).distinct()):
        build_rewrite_code(label, convert_side)(apps, schema_editor)


def convert_rows(model: Any, database: str) -> int:
    """Convert the rows of a table with other line ends; return their number."""
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields if isinstance(field, models.CharField | models.TextField)]
    has_return = Q(*(Q(**{f"{name}__contains": "\r"}) for name in names), _connector=Q.OR)
    rows = list(model._base_manager.using(database).filter(has_return)) if names else []
    if not rows:
        return 0
    for row in rows:
        for name in names:
            if isinstance(value := getattr(row, name), str):
                setattr(row, name, normalize_line_breaks(value))
    model._base_manager.using(database).bulk_update(rows, names, batch_size=500)
    return len(rows)


def convert_side(side: dict[str, Any], action: str) -> dict[str, Any]:
    return {name: normalize_line_breaks(value) if isinstance(value, str) else value for name, value in side.items()}


class Migration(migrations.Migration):
    dependencies = [
        ("changes", "0002_constraint_messages"),
        ("catalog", "0005_one_set_of_rules"),
        ("projects", "0006_one_set_of_rules"),
        ("budgets", "0007_terms_of_administration"),
        ("revisions", "0003_constraint_messages"),
    ]

    operations = [migrations.RunPython(store_line_feeds, migrations.RunPython.noop)]
