"""Preparation of a site before it is served: migrations, first load, derived tables; one host at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor

from catalog.models import Plan
from dxportal.revisions.locks import take_exclusive_lock
from dxportal.revisions.publish import refresh_derived_tables
from dxportal.served_markers import mark_as_served, refuse_lost_database

ADVISORY_LOCK = 0x6478707265706172  # "dxprepar"


class Output(Protocol):
    def write(self, text: str) -> object: ...


def prepare(out: Output, *, is_first_start: bool = False) -> None:
    """Migrate the database, load the plan into an empty catalogue, rebuild derived tables, collect static files.

    Questions about the plan are printed; whoever chose the folder has answered them. A second caller waits for the
    first. Raises CommandError with a sentence for the operator.
    """
    with preparation_lock():
        refuse_lost_database(is_first_start=is_first_start)
        call_command("migrate", verbosity=0, interactive=False)
        if not Plan.objects.exists():
            call_command("load_plan", default_plan_folder(), accept=True, stdout=out)
        mark_as_served()
        rebuild_derived_tables()
        call_command("collectstatic", verbosity=0, interactive=False)


def check_prepared() -> None:
    """Raise CommandError unless all migrations are applied and a plan is loaded."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()) or not Plan.objects.exists():
        raise CommandError("データベースがまだ整っていません。先に manage.py prepare を動かしてください。")


@contextmanager
def preparation_lock() -> Iterator[None]:
    """Hold a file lock on this host and, on PostgreSQL, an advisory lock of the database."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR_DIR / "preparing.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if connection.vendor != "postgresql":
            yield
            return
        # A separate connection, because migrations begin and end transactions on the default one.
        holder = connections.create_connection("default")
        try:
            with holder.cursor() as cursor:
                cursor.execute("SET lock_timeout = 0")
                cursor.execute("SET statement_timeout = 0")
                cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
            yield
        finally:
            holder.close()


def rebuild_derived_tables() -> None:
    """Rebuild all tables derived from the catalogue: another version may have derived them differently."""
    with transaction.atomic():
        take_exclusive_lock()
        refresh_derived_tables(None)


def default_plan_folder() -> Path:
    """Return the folder in the environment variable PLAN, or else the first plan folder in fixtures/."""
    folders = sorted(file.parent for file in (settings.BASE_DIR / "fixtures").glob("*/plan.yaml"))
    chosen = os.environ.get("PLAN") or next(iter(folders), None)
    if chosen is None:
        raise CommandError("fixtures/ に計画フォルダーがありません。PLAN=フォルダー で指定してください。")
    return Path(chosen)
