"""The processor's time, which neighbours on the machine change less than that of the clock."""

from __future__ import annotations

import os
import time
from functools import cache


def spent() -> float:
    """Seconds of the processor of this process, and of the one of PostgreSQL that works for it."""
    served = sum(int(os.pread(schedule(one), 64, 0).split()[0]) for one in serving())
    return time.process_time() + served / 1e9


def on_one_core() -> None:
    """Let this process and that of PostgreSQL take turns on one core, as all do that are compared."""
    for one in (0, *serving()):
        os.sched_setaffinity(one, {min(os.sched_getaffinity(one))})


def serving() -> list[int]:
    """The process of PostgreSQL that works for this one, where one does."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return []
    connection.ensure_connection()
    return [connection.connection.get_backend_pid()]


@cache
def schedule(process: int) -> int:
    """The open file that says how long a process has run."""
    return os.open(f"/proc/{process}/schedstat", os.O_RDONLY)
