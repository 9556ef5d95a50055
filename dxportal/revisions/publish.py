"""Advance the published revision and refresh everything that is derived from the catalogue.

Publishing, undoing and loading a plan call `advance_revision` in their own transaction, so that a revision, its
catalogue and the derived tables (such as the search index) become public atomically.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.apps import apps
from django.db import connection
from django.db.models import F

from budgets import materialized_rows
from catalog.row_changes import RowChange
from dxportal.revisions.models import Revision, new_mark

# Called with the rows that changed, or None if any row may have changed, as after loading a plan.
Subscriber = Callable[[Collection[RowChange] | None], None]

CATALOGUE_APPS = ("catalog", "projects", "budgets")
SUBSCRIBERS: list[Subscriber] = [materialized_rows.refresh_budgets]


def current_revision() -> int:
    """Return the number of the published revision, 0 if no plan has been loaded; one query."""
    return Revision.objects.values_list("number", flat=True).first() or 0


def revision_token() -> str:
    """Return the token of the published revision, unique across databases; empty if there is none; one query."""
    return Revision.objects.values_list("mark", flat=True).first() or ""


def advance_revision(changes: Collection[RowChange] | None) -> int:
    """Raise the revision and return its number; the transaction made these changes and holds the exclusive lock."""
    if not Revision.objects.update(number=F("number") + 1, mark=new_mark()):
        Revision.objects.create(number=1)
    refresh_derived_tables(changes)
    return current_revision()


def refresh_derived_tables(changes: Collection[RowChange] | None) -> None:
    """Call the subscribers, which refresh what is derived from the catalogue; None: any row may have changed."""
    if changes is None and connection.vendor == "postgresql":
        # Autovacuum does not see the rows of this transaction. Without fresh statistics the planner takes tables of
        # thousands of rows for empty ones and chooses nested loops over sequential scans.
        analyze_tables(
            ", ".join(
                model._meta.db_table for name in CATALOGUE_APPS for model in apps.get_app_config(name).get_models()
            )
        )
    for subscriber in SUBSCRIBERS:
        subscriber(changes)
    if changes is None and connection.vendor == "sqlite":
        # SQLite chooses between indexes by the number of rows per value.
        analyze_tables("")


def analyze_tables(tables: str) -> None:
    """Refresh the planner statistics of tables, a comma-separated list; of all tables if it is empty."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {tables}")
