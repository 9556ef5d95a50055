"""Ports for the servers that tests and benchmarks start."""

from __future__ import annotations

import socket
from collections.abc import Sequence

HOST = "127.0.0.1"
# Below the range from which the kernel takes ports for clients, and for those who bind port 0.
PORTS: Sequence[int] = range(20_000, 30_000, 2)

_locks: list[socket.socket] = []  # open, hence bound, until this process ends


def reserve_port() -> int:
    """Return a port at which nobody listens, and which no other caller on this machine gets while this process runs.

    A port that was only probed may be chosen a second time before the first server listens at it. Therefore the odd
    port above it stays bound as its lock; the kernel lets no two processes bind that, and frees it at their end.
    """
    for port in PORTS:
        lock = socket.socket()
        try:
            lock.bind((HOST, port + 1))
            with socket.socket() as probe:
                probe.bind((HOST, port))
        except OSError:
            lock.close()
            continue
        _locks.append(lock)
        return port
    raise RuntimeError("Every port for tests is in use.")
