"""Users who send sheets."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from dxportal.staff.models import Role
from tests.dxportal.sheets.sending import KYOIKU
from tests.dxportal.staff.working import person


@pytest.fixture
def editor(db: None) -> User:
    return person("editor", Role.EDITOR, KYOIKU)


@pytest.fixture
def bureau(db: None) -> User:
    return person("bureau", Role.BUREAU)
