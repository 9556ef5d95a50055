"""From one revision of the published catalogue to the next, together with all that is derived from it.

Publishing, undoing and loading a plan call `advance` in their own transaction, so that a revision, the catalogue it
stands for and what follows from it (the search index, for one) become public at once or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from uuid import UUID

from django.apps import apps
from django.db import connection, models
from django.db.models import F

from budgets import materialized_rows
from catalog.row_changes import RowChange
from dxportal.revisions.models import Revision, new_mark

Reference = tuple[type[models.Model], UUID]
# Told what has become of which rows; None where that can be anything, as when a plan is loaded.
Subscriber = Callable[[Collection[RowChange] | None], None]

APPS = ("catalog", "projects", "budgets")
SUBSCRIBERS: list[Subscriber] = [materialized_rows.refresh]


def current() -> int:
    """The revision that is public; 0 for a catalogue that has never been filled; one query."""
    return Revision.objects.values_list("number", flat=True).first() or 0


def mark() -> str:
    """What tells the public revision from every other of any catalogue; empty where there is none; one query."""
    return Revision.objects.values_list("mark", flat=True).first() or ""


def advance(changes: Collection[RowChange] | None) -> int:
    """The next revision, inside the transaction that has made these changes and holds the lock `own_catalogue`."""
    if not Revision.objects.update(number=F("number") + 1, mark=new_mark()):
        Revision.objects.create(number=1)
    follow(changes)
    return current()


def follow(changes: Collection[RowChange] | None) -> None:
    """Bring what is derived from the catalogue up to what the tables hold."""
    if changes is None and connection.vendor == "postgresql":
        # It counts by itself how many rows a table and a value have, but not what has come in this transaction: it took
        # tables of thousands for empty ones, and read them again for each row of another.
        analyze(", ".join(model._meta.db_table for name in APPS for model in apps.get_app_config(name).get_models()))
    for subscriber in SUBSCRIBERS:
        subscriber(changes)
    if changes is None and connection.vendor == "sqlite":
        # How many rows a value has decides along which index they are read.
        analyze("")


def analyze(tables: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {tables}")
