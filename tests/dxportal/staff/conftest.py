"""Fixtures of the staff site."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.dxportal.staff.late_forms import create_staff, open_browser


@pytest.fixture
def fast_passwords(settings: Any) -> None:
    """Hash passwords fast."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def csrf_client(fast_passwords: None) -> Client:
    """A client with CSRF checks in which a user of the digital bureau, with a password, has signed in."""
    return open_browser(create_staff("bureau"))
