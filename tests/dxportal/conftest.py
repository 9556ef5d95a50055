"""Fixtures for tests of dxportal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client

from dxportal.gc_tuning import frozen_startup_objects
from dxportal.staff.models import Role
from tests.dxportal.staff.staff_actions import create_user, sign_in_as


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


@pytest.fixture
def bureau(db: None) -> User:
    """A user of the digital bureau."""
    return create_user("bureau", Role.BUREAU)


@pytest.fixture
def bureau_client(bureau: User) -> Client:
    """A client in which a user of the digital bureau has signed in."""
    return sign_in_as(bureau)


@pytest.fixture
def superuser_client(db: None) -> Client:
    """A client of a superuser that returns errors of the server as responses."""
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("administrator"))
    return client
