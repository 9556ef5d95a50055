"""One lock over the catalogue: those who record share it, who publishes has it alone.

Held until the end of the transaction. SQLite needs none: its writers queue (transaction_mode IMMEDIATE).
"""

from __future__ import annotations

from django.db import connection

CATALOGUE_LOCK = 0x6478706F7274616C & 0x7FFFFFFFFFFFFFFF  # "dxportal"


def share_catalogue() -> None:
    lock("pg_advisory_xact_lock_shared")


def own_catalogue() -> None:
    lock("pg_advisory_xact_lock")


def lock(function: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [CATALOGUE_LOCK])
