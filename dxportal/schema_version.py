"""Detection of databases that a newer version of the portal has migrated."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from django.core.management.base import CommandError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

Migration = tuple[str, str]  # label of the app, name

PACKAGES = ("catalog", "projects", "budgets", "dxportal")
MAX_NAMED = 3  # of the migrations of a newer version


@cache
def known_migrations() -> frozenset[Migration]:
    """Return the migrations of this version, including those that they replace."""
    on_disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return frozenset(on_disk).union(*(migration.replaces for migration in on_disk.values()))


def unknown_migrations(applied: set[Migration]) -> list[str]:
    """Return the applied migrations, as `app.name`, that this version of the portal does not know.

    Migrations of installed libraries are left out, because their versions are pinned with ours. An app that is not
    installed counts as one of a newer version, so a version that drops an app must also delete its rows of
    django_migrations.
    """
    libraries = {app.label for app in apps.get_app_configs() if app.name.split(".")[0] not in PACKAGES}
    return sorted(f"{app}.{name}" for app, name in applied - known_migrations() if app not in libraries)


def newer_migrations(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the migrations that a newer version has applied to the database; none for an empty database."""
    return unknown_migrations(set(MigrationRecorder(connection).applied_migrations()))


def refuse_newer_database(connection: BaseDatabaseWrapper, **signal: Any) -> None:
    """Raise CommandError if a newer version has migrated the database. Receiver of `connection_created`.

    manage.py connects it, so that no command can use such a database.
    """
    if newer := newer_migrations(connection):
        connection.close()
        raise CommandError(
            f"このデータベースは、より新しいバージョンのものです（{join_some(newer)}）。"
            "そのバージョンのプログラムで動かすか、このバージョンで作ったバックアップを、"
            "空のデータベースに manage.py restore で復元してください。"
        )


def join_some(migrations: list[str]) -> str:
    unnamed = len(migrations) - MAX_NAMED
    return "、".join(migrations[:MAX_NAMED]) + (f"ほか{unnamed}件" if unnamed > 0 else "")
