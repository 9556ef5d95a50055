"""How many files a process writes at once: a slow reader holds a thread until the last byte is taken."""

from __future__ import annotations

from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any, cast

from django.http import HttpResponseBase

MOST = 6  # half of the threads that `serve` gives a process: the others answer pages meanwhile

places = BoundedSemaphore(MOST)


class BusyError(Exception):
    """As many files are being written as may be."""


class Place:
    """One of the places; given back once, when it is closed or nobody knows of it any more."""

    def __init__(self) -> None:
        self.is_held = places.acquire(blocking=False)
        self.among = places

    def close(self) -> None:
        if self.is_held:
            self.is_held = False
            self.among.release()

    __del__ = close


def in_a_place(write: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """An answer that holds a place until it is sent or given up; BusyError where none is free."""
    place = Place()
    if not place.is_held:
        raise BusyError
    response = write()
    cast(Any, response)._resource_closers.append(place.close)  # what Django closes with the answer
    return response
