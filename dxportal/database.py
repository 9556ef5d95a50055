"""The database that DATABASE_URL names, with what each engine needs to be served safely."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

ENGINES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")
# Readers do not wait for a writer (WAL), and writers queue instead of failing (IMMEDIATE).
SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


def database(url: str, default: Path) -> dict[str, Any]:
    """Django's settings for the database at `url`, or for SQLite in the file `default` when it is empty.

    Raises ImproperlyConfigured with a sentence for whoever set the variable.
    """
    try:
        settings: dict[str, Any] = dict(
            dj_database_url.parse(url or f"sqlite:///{default}", conn_max_age=60, conn_health_checks=True)
        )
    except ValueError as error:
        raise unusable() from error
    if settings.get("ENGINE") not in ENGINES:
        raise unusable()
    if settings["ENGINE"] == ENGINES[0]:
        settings["OPTIONS"] = SQLITE
    return settings


def unusable() -> ImproperlyConfigured:
    return ImproperlyConfigured(
        "DATABASE_URL を読めません。"
        "postgres://利用者:パスワード@ホスト:5432/名前 か sqlite:////絶対パス の形で書いてください。"
    )
