"""A database of an earlier version is brought to this one with what it holds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, YAMAGUCHI

pytestmark = [pytest.mark.on_no_database, pytest.mark.slow]


def test_facets_that_were_rows_are_those_of_the_lists(tmp_path: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}"}

    def manage(*command: str) -> str:
        run = [sys.executable, "manage.py", *command]
        done = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    manage("migrate", "--verbosity", "0")
    manage("load_plan", str(YAMAGUCHI))
    manage("migrate", "search", "0003", "--verbosity", "0")
    manage("migrate", "--verbosity", "0")
    assert "索引は公開されている内容と同じです" in manage("check_search")
