"""The processor's time, which neighbours on the machine change less than that of the clock."""

from __future__ import annotations

import time
from pathlib import Path


def spent() -> float:
    """Seconds of the processor of this process, and of the one of PostgreSQL that works for it."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return time.process_time()
    connection.ensure_connection()
    server = Path(f"/proc/{connection.connection.get_backend_pid()}/schedstat").read_text()
    return time.process_time() + int(server.split()[0]) / 1e9
