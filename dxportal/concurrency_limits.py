"""Concurrency limits, in total and per client address."""

from __future__ import annotations

from collections import Counter
from threading import Lock
from typing import Any

from django.conf import settings


class LimitReachedError(Exception):
    """Raised when no slot is free, in total or for the address."""


class Slot:
    """Slot of a limit; released once, when it is closed or garbage-collected."""

    def __init__(self, limit: ConcurrencyLimit, address: str) -> None:
        self.limit, self.address = limit, address
        self.is_held = True

    def close(self) -> None:
        if self.is_held:
            self.is_held = False
            self.limit.release(self.address)

    __del__ = close


class ConcurrencyLimit:
    """Thread-safe limit of slots held at once, with a lower limit per address."""

    def __init__(self, max_total: int, max_per_address: int) -> None:
        self.max_total, self.max_per_address = max_total, max_per_address
        self.held: Counter[str] = Counter()
        self.lock = Lock()

    def acquire(self, address: str) -> Slot:
        """Acquire a slot; raise LimitReachedError if none is free."""
        with self.lock:
            if self.held[address] >= self.max_per_address or self.held.total() >= self.max_total:
                raise LimitReachedError
            self.held[address] += 1
        return Slot(self, address)

    def release(self, address: str) -> None:
        with self.lock:
            self.held[address] -= 1
            if not self.held[address]:
                del self.held[address]


def client_address(environ: dict[str, Any]) -> str:
    """Return the peer's address, or behind a proxy the last X-Forwarded-For entry, which the proxy has written."""
    if settings.BEHIND_HTTPS:
        return str(environ.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip() or str(environ["REMOTE_ADDR"])
    return str(environ["REMOTE_ADDR"])
