"""Stored changes need no conversion: no set of an earlier version has a row of the new table."""

from django.db import migrations

from dxportal.changesets.migration_operations import keep_revision


class Migration(migrations.Migration):
    dependencies = [("changes", "0006_confirmations"), ("budgets", "0011_printed_stages")]

    operations = [keep_revision()]  # what documents print is in no sheet
