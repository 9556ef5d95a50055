"""Stored changes of plans: the threshold of reasons for changes comes, with its default."""

from django.db import migrations

from dxportal.changesets.migration_operations import add_field


class Migration(migrations.Migration):
    dependencies = [
        ("changes", "0004_stage_roles"),
        ("catalog", "0006_reason_threshold"),
        ("revisions", "0003_constraint_messages"),
    ]

    operations = [add_field("catalog.plan", "reason_threshold_percent", 20)]
