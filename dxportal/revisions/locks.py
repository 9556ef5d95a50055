"""Readers-writer lock over the catalogue: recording an edit shares it, publishing holds it exclusively.

On PostgreSQL it is an advisory lock, released at the end of the transaction. SQLite needs none, since its writers are
serialised (transaction_mode IMMEDIATE). But SQLite has no wait queue: a waiting connection polls every tenth of a
second. Transactions that are always rolled back therefore take turns (`wait_for_turn`), and pause between two turns for
longer than a polling interval, so that they cannot starve a real write.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from django.db import connection

PAUSE_SECONDS = 0.12  # SQLite's busy handler polls at least every 100 ms
CATALOGUE_LOCK = 0x6478706F7274616C & 0x7FFFFFFFFFFFFFFF  # "dxportal" in ASCII, as a positive bigint


def take_shared_lock() -> None:
    """Take the shared lock, which recordings hold, until the end of the transaction."""
    take_advisory_lock("pg_advisory_xact_lock_shared")


def take_exclusive_lock() -> None:
    """Take the exclusive lock, which publications hold, until the end of the transaction."""
    take_advisory_lock("pg_advisory_xact_lock")


def take_advisory_lock(function: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [CATALOGUE_LOCK])


@contextmanager
def wait_for_turn() -> Iterator[None]:
    """Run a block that locks a SQLite database and is rolled back; such blocks of all processes run one at a time.

    Does nothing inside a transaction: the holder of the turn waits for the database, so waiting for the turn while
    holding the database would be a deadlock.
    """
    file = Path(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or connection.in_atomic_block or not file.is_file():
        yield
        return
    with file.with_name(f"{file.name}-turn").open("w") as turn:
        try:
            flock(turn, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            flock(turn, LOCK_EX)
            time.sleep(PAUSE_SECONDS)
        yield
