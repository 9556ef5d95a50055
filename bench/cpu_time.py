"""The processor's time, which neighbours on the machine change less than that of the clock."""

from __future__ import annotations

import os
import time
from functools import cache


def cpu_seconds() -> float:
    """Seconds of the processor of this process, and of the one of PostgreSQL that works for it."""
    backend_seconds = sum(int(os.pread(open_schedstat(pid), 64, 0).split()[0]) for pid in backend_pids())
    return time.process_time() + backend_seconds / 1e9


def pin_to_one_core() -> None:
    """Let this process and that of PostgreSQL take turns on one core, as all do that are compared."""
    for pid in (0, *backend_pids()):
        os.sched_setaffinity(pid, {min(os.sched_getaffinity(pid))})


def backend_pids() -> list[int]:
    """The process of PostgreSQL that works for this one, where one does."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return []
    connection.ensure_connection()
    return [connection.connection.get_backend_pid()]


@cache
def open_schedstat(pid: int) -> int:
    """The open file that says how long a process has run."""
    return os.open(f"/proc/{pid}/schedstat", os.O_RDONLY)
