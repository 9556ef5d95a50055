"""What the environment says, checked at start: each wrong value is one sentence for whoever set it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

ENGINES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")
# Readers do not wait for a writer (WAL), and writers queue instead of failing (IMMEDIATE).
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


# A server that is gone is given up after this many seconds, by whoever wants to connect or waits for an answer.
CONNECT_TIMEOUT = 5


def database_settings(url: str, default: Path, *, statement_timeout: int, lock_timeout: int) -> dict[str, Any]:
    """Django's settings for the database at `url`, or for SQLite in the file `default` when it is empty.

    Times are seconds. What the address itself says of its options holds.
    Raises ImproperlyConfigured with a sentence for whoever set the variable.
    """
    try:
        settings: dict[str, Any] = dict(
            dj_database_url.parse(url or f"sqlite:///{default}", conn_max_age=60, conn_health_checks=True)
        )
    except ValueError as error:
        raise invalid_database_url() from error
    if settings.get("ENGINE") not in ENGINES or settings.get("NAME") in (None, "", ":memory:"):
        raise invalid_database_url()
    said = settings.get("OPTIONS", {})
    if settings["ENGINE"] == ENGINES[0]:
        settings["OPTIONS"] = {**SQLITE_OPTIONS, "timeout": lock_timeout, **said}
    else:
        # Compiling the statement that derives a comparison took PostgreSQL five times as long as answering it. Rows are
        # read through a cursor for files, to the last: which plan gives the first ones soonest does not matter.
        plans = "-c jit=off -c cursor_tuple_fraction=1"
        limits = f"-c statement_timeout={statement_timeout}s -c lock_timeout={lock_timeout}s"
        options = f"{limits} {plans} {said.get('options', '')}".strip()
        settings["OPTIONS"] = {"connect_timeout": CONNECT_TIMEOUT, **said, "options": options}
    return settings


def parse_port(value: str, name: str = "PORT", default: int = 8000) -> int:
    """The port that the variable `name` says, `default` when empty; ImproperlyConfigured unless it is 1 to 65535."""
    if not value:
        return default
    if not (value.isascii() and value.isdecimal() and 1 <= int(value[:6]) <= 65535):
        raise ImproperlyConfigured(f"{name}={value} はポート番号ではありません。1〜65535 の数にしてください。")
    return int(value)


def parse_integer(name: str, value: str, *, default: int, most: int, least: int = 0) -> int:
    """The whole number that the variable `name` says, `default` when empty; ImproperlyConfigured out of bounds."""
    if not value:
        return default
    if not (value.isascii() and value.isdecimal() and len(value) < 10 and least <= int(value) <= most):
        raise ImproperlyConfigured(f"{name}={value[:20]} は使えません。{least}〜{most} の整数にしてください。")
    return int(value)


def parse_switch(name: str, value: str) -> bool:
    """Whether the variable `name` is on; ImproperlyConfigured unless it is 1, 0 or empty."""
    if value not in ("", "0", "1"):
        raise ImproperlyConfigured(f"{name}={value} は使えません。1（使う）か 0（使わない）にしてください。")
    return value == "1"


def parse_location(name: str, value: str) -> str:
    """An nginx location in the variable `name`, or nothing; ImproperlyConfigured unless it has a slash at both ends."""
    if value and not re.fullmatch(r"/([a-z0-9_-]+/)+", value):
        raise ImproperlyConfigured(f"{name}={value[:20]} は使えません。/finished/ のように書いてください。")
    return value


def parse_site_url(url: str) -> str:
    """A public address in lower case without a slash at its end; ImproperlyConfigured unless scheme, host, port."""
    if not re.fullmatch(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?/?", url.lower()):
        raise ImproperlyConfigured("SITE_URL は https://portal.example の形で書いてください。")
    return url.lower().rstrip("/")


def invalid_database_url() -> ImproperlyConfigured:
    return ImproperlyConfigured(
        "DATABASE_URL を読めません。"
        "postgres://利用者:パスワード@ホスト:5432/名前 か sqlite:////絶対パス の形で書いてください。"
    )
