"""How many of something there may be at once, in all and from one address."""

from __future__ import annotations

from collections import Counter
from threading import Lock
from typing import Any

from django.conf import settings


class LimitReachedError(Exception):
    """As many as there may be are there already, in all or from one address."""


class Slot:
    """One of the places; given back once, when it is closed or nobody knows of it any more."""

    def __init__(self, limit: ConcurrencyLimit, address: str) -> None:
        self.limit, self.address = limit, address
        self.is_held = True

    def close(self) -> None:
        if self.is_held:
            self.is_held = False
            self.limit.release(self.address)

    __del__ = close


class ConcurrencyLimit:
    """So many places, shared by threads; one address may have only some of them."""

    def __init__(self, max_total: int, max_per_address: int) -> None:
        self.max_total, self.max_per_address = max_total, max_per_address
        self.held: Counter[str] = Counter()
        self.lock = Lock()

    def acquire(self, address: str) -> Slot:
        """A place; LimitReachedError where none is free."""
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
    """The client's address: the last one that the proxy was told, or the peer's where there is no proxy."""
    if settings.BEHIND_HTTPS:
        return str(environ.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip() or str(environ["REMOTE_ADDR"])
    return str(environ["REMOTE_ADDR"])
