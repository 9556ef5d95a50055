"""Parsing of environment variables: a wrong value raises ImproperlyConfigured with a sentence for the operator."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

SUPPORTED_ENGINES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")
# Readers do not wait for a writer (WAL), and writers queue instead of failing (IMMEDIATE).
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


# Seconds after which connecting to an unreachable server fails.
CONNECT_TIMEOUT = 5


def database_settings(url: str, default: Path, *, statement_timeout: int, lock_timeout: int) -> dict[str, Any]:
    """Build Django's settings for the database at `url`, or for SQLite in the file `default` if it is empty.

    Timeouts are in seconds. Options in the URL take precedence. Raises ImproperlyConfigured.
    """
    try:
        settings: dict[str, Any] = dict(
            dj_database_url.parse(url or f"sqlite:///{default}", conn_max_age=60, conn_health_checks=True)
        )
    except ValueError as error:
        raise invalid_database_url() from error
    if settings.get("ENGINE") not in SUPPORTED_ENGINES or settings.get("NAME") in (None, "", ":memory:"):
        raise invalid_database_url()
    url_options = settings.get("OPTIONS", {})
    if settings["ENGINE"] == SUPPORTED_ENGINES[0]:
        settings["OPTIONS"] = {**SQLITE_OPTIONS, "timeout": lock_timeout, **url_options}
    else:
        # JIT compilation of the statement that derives a comparison took five times as long as executing it. The memory
        # lets files be read in the order of an index, each project remembered, instead of sorting all rows first.
        plans = "-c jit=off -c work_mem=32MB"
        limits = f"-c statement_timeout={statement_timeout}s -c lock_timeout={lock_timeout}s"
        options = f"{limits} {plans} {url_options.get('options', '')}".strip()
        settings["OPTIONS"] = {"connect_timeout": CONNECT_TIMEOUT, **url_options, "options": options}
    return settings


def parse_port(value: str, name: str = "PORT", default: int = 8000) -> int:
    """Parse the port in the variable `name`, 1 to 65535; `default` if empty. Raises ImproperlyConfigured."""
    if not value:
        return default
    if not (value.isascii() and value.isdecimal() and 1 <= int(value[:6]) <= 65535):
        raise ImproperlyConfigured(f"{name}={value} はポート番号ではありません。1〜65535 の数にしてください。")
    return int(value)


def parse_integer(name: str, value: str, *, default: int, most: int, least: int = 0) -> int:
    """Parse the integer in the variable `name`, `least` to `most`; `default` if empty. Raises ImproperlyConfigured."""
    if not value:
        return default
    if not (value.isascii() and value.isdecimal() and len(value) < 10 and least <= int(value) <= most):
        raise ImproperlyConfigured(f"{name}={value[:20]} は使えません。{least}〜{most} の整数にしてください。")
    return int(value)


def parse_switch(name: str, value: str) -> bool:
    """Tell whether the variable `name` is 1; 0 and empty are off, anything else raises ImproperlyConfigured."""
    if value not in ("", "0", "1"):
        raise ImproperlyConfigured(f"{name}={value} は使えません。1（使う）か 0（使わない）にしてください。")
    return value == "1"


def parse_location(name: str, value: str) -> str:
    """Parse an nginx location with slashes at both ends, or the empty string. Raises ImproperlyConfigured."""
    if value and not re.fullmatch(r"/([a-z0-9_-]+/)+", value):
        raise ImproperlyConfigured(f"{name}={value[:20]} は使えません。/finished/ のように書いてください。")
    return value


def parse_site_url(url: str) -> str:
    """Parse SITE_URL (scheme, host, optional port): lower case, no final slash. Raises ImproperlyConfigured."""
    if not re.fullmatch(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?/?", url.lower()):
        raise ImproperlyConfigured("SITE_URL は https://portal.example の形で書いてください。")
    return url.lower().rstrip("/")


def invalid_database_url() -> ImproperlyConfigured:
    return ImproperlyConfigured(
        "DATABASE_URL を読めません。"
        "postgres://利用者:パスワード@ホスト:5432/名前 か sqlite:////絶対パス の形で書いてください。"
    )
