"""How many files a process writes at once: each takes a thread until it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponseBase

from dxportal.concurrency_limits import ConcurrencyLimit, client_address

MOST = 6  # half of the threads in which Django answers: the others answer pages meanwhile
FOR_ONE_ADDRESS = 4  # an office may be one

places = ConcurrencyLimit(MOST, FOR_ONE_ADDRESS)


def in_a_place(request: HttpRequest, write: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """An answer that holds a place until it is written or given up; LimitReachedError where none is free."""
    place = places.acquire(client_address(request.META))
    response = write()
    cast(Any, response)._resource_closers.append(place.close)  # what Django closes with the answer
    return response
