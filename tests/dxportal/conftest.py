"""Fixtures for tests of the shell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from dxportal.gc_tuning import frozen_startup_objects


@pytest.fixture
def within_the_transaction_of_the_test() -> Iterator[None]:
    """As Django's test client does: connections are not given back between requests."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def serving() -> Iterator[None]:
    """The collector as it is in a process that serves."""
    with frozen_startup_objects():
        yield
