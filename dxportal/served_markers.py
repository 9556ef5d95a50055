"""Marker files in var/ of the databases that have been served, by which a lost database is told from a new one."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection

from catalog.models import Plan


def refuse_lost_database(*, is_first_start: bool) -> None:
    """Raise CommandError if the database has been served before and holds no plan now, unless it is a first start.

    Call it before `migrate`, so that nothing is written to a refused database.
    """
    if is_first_start or not marker_file().exists() or has_plan():
        return
    raise CommandError(
        f"このサイトで公開していた計画が、データベース（{database_address()}）にありません。"
        "データベースが失われたか、DATABASE_URL が別のデータベースを指しています。"
        "バックアップがあれば、manage.py restore ファイル で復元してください。"
        "新しいサイトとして始めるときは、manage.py serve --first とします。"
    )


def mark_as_served() -> None:
    """Write the marker file of the database, with the URL of the site, if the database holds a plan."""
    if has_plan():
        marker_file().parent.mkdir(parents=True, exist_ok=True)
        marker_file().write_text(f"{database_address()}\n{settings.SITE_URL}\n", encoding="utf-8")


def site_address() -> str:
    """Return the URL of the site: SITE_URL if the environment sets it or PORT, else the URL it was last served at."""
    if "SITE_URL" in os.environ or "PORT" in os.environ or not marker_file().exists():
        return settings.SITE_URL
    _, *address = marker_file().read_text(encoding="utf-8").splitlines()
    return next(iter(address), settings.SITE_URL)


def marker_file() -> Path:
    return settings.VAR_DIR / "served" / sha256(database_address().encode()).hexdigest()[:32]


def database_address() -> str:
    """Return the address of the database without user and password: a resolved path, or host:port/name."""
    if connection.vendor == "sqlite":
        return str(Path(connection.settings_dict["NAME"]).resolve())
    parameters = connection.get_connection_params()
    host, port = parameters.get("host") or "localhost", parameters.get("port") or 5432
    return f"{host.lower()}:{port}/{parameters['dbname']}"


def has_plan() -> bool:
    """Tell whether the database holds a plan. It need not be migrated; a missing SQLite file is not created."""
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return False
    return Plan._meta.db_table in connection.introspection.table_names() and Plan.objects.exists()
