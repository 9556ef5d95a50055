"""Concurrency limit of downloads: a file occupies a thread of the process until it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponseBase

from dxportal.concurrency_limits import ConcurrencyLimit, client_address

MAX_DOWNLOADS = 6  # half of Django's threads, so that the others keep answering pages
MAX_DOWNLOADS_PER_ADDRESS = 4  # more than one: a whole office may share an address

download_limit = ConcurrencyLimit(MAX_DOWNLOADS, MAX_DOWNLOADS_PER_ADDRESS)


def respond_holding_slot(request: HttpRequest, write: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Return the response of `write`, holding a slot until the response is closed; raise LimitReachedError if full."""
    slot = download_limit.acquire(client_address(request.META))
    response = write()
    cast(Any, response)._resource_closers.append(slot.close)  # Django closes these with the response
    return response
