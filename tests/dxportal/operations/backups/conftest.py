"""Fixture for backups: a folder var/ apart from that of the checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def var(tmp_path: Path, settings: Any) -> Path:
    """The folder var/ of this process, with a secret key."""
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir()
    (settings.VAR_DIR / "secret-key").write_text("a key", encoding="ascii")
    return Path(settings.VAR_DIR)
