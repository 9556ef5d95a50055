"""Users who send sheets."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from dxportal.staff.models import Role
from tests.dxportal.sheets.sheet_uploads import KYOIKU
from tests.dxportal.staff.staff_actions import create_user


@pytest.fixture
def editor(db: None) -> User:
    return create_user("editor", Role.EDITOR, KYOIKU)
