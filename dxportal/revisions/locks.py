"""One lock over the catalogue: those who record share it, who publishes has it alone.

Held until the end of the transaction. SQLite needs none: its writers queue (transaction_mode IMMEDIATE). But it has no
order of waiting: whoever waits looks every tenth of a second whether the database is free. So those who hold it without
keeping anything take turns (`in_turn`), and leave it free between two turns for longer than that.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from django.db import connection

FREE_SECONDS = 0.12  # SQLite looks after 100 ms at the latest
CATALOGUE_LOCK = 0x6478706F7274616C & 0x7FFFFFFFFFFFFFFF  # "dxportal"


def share_catalogue() -> None:
    lock("pg_advisory_xact_lock_shared")


def own_catalogue() -> None:
    lock("pg_advisory_xact_lock")


def lock(function: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [CATALOGUE_LOCK])


@contextmanager
def in_turn() -> Iterator[None]:
    """Run a block that holds a SQLite database and keeps nothing; of several such blocks one after the other.

    Not within a transaction: whoever has the turn waits for the database, so nobody who has that may wait for the turn.
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
            time.sleep(FREE_SECONDS)
        yield
