"""How many of something there may be at once, in all and from one address."""

from __future__ import annotations

from collections import Counter
from threading import Lock
from typing import Any

from django.conf import settings


class TooManyError(Exception):
    """As many as there may be are there already, in all or from one address."""


class Place:
    """One of the places; given back once, when it is closed or nobody knows of it any more."""

    def __init__(self, among: Places, address: str) -> None:
        self.among, self.address = among, address
        self.is_held = True

    def close(self) -> None:
        if self.is_held:
            self.is_held = False
            self.among.give_back(self.address)

    __del__ = close


class Places:
    """So many places, shared by threads; one address may have only some of them."""

    def __init__(self, most: int, for_one_address: int) -> None:
        self.most, self.for_one_address = most, for_one_address
        self.taken: Counter[str] = Counter()
        self.lock = Lock()

    def take(self, address: str) -> Place:
        """A place; TooManyError where none is free."""
        with self.lock:
            if self.taken[address] >= self.for_one_address or self.taken.total() >= self.most:
                raise TooManyError
            self.taken[address] += 1
        return Place(self, address)

    def give_back(self, address: str) -> None:
        with self.lock:
            self.taken[address] -= 1
            if not self.taken[address]:
                del self.taken[address]


def address_of(environ: dict[str, Any]) -> str:
    """The client's address: the last one that the proxy was told, or the peer's where there is no proxy."""
    if settings.BEHIND_HTTPS:
        return str(environ.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip() or str(environ["REMOTE_ADDR"])
    return str(environ["REMOTE_ADDR"])
