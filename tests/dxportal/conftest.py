"""Fixtures for tests of dxportal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from dxportal.gc_tuning import frozen_startup_objects


@pytest.fixture
def within_the_transaction_of_the_test() -> Iterator[None]:
    """Keep the connection open between requests, as Django's test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def serving() -> Iterator[None]:
    """Tune the garbage collector as in a serving process."""
    with frozen_startup_objects():
        yield
