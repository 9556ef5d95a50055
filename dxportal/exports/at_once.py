"""How many files a process writes at once: a slow reader holds a thread until the last byte is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from threading import BoundedSemaphore
from typing import cast

from django.http import HttpResponseBase, StreamingHttpResponse

MOST = 8  # half of the threads that `serve` gives a process: the others answer pages meanwhile

places = BoundedSemaphore(MOST)


class BusyError(Exception):
    """As many files are being written as may be."""


def in_a_place(write: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """An answer that holds one of the places until it is sent or given up; BusyError where none is free."""
    if not places.acquire(blocking=False):
        raise BusyError
    held = False
    try:
        response = write()
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = Held(cast(Iterable[bytes], response.streaming_content), places.release)
            held = True
        return response
    finally:
        if not held:
            places.release()


class Held:
    """Pieces of an answer; Django closes them with the answer, whether or not they were asked for."""

    def __init__(self, pieces: Iterable[bytes], release: Callable[[], None]) -> None:
        self.pieces = pieces
        self.release = release
        self.is_held = True

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.pieces)

    def close(self) -> None:
        if self.is_held:
            self.is_held = False
            self.release()
