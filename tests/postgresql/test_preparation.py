"""Concurrent preparation of one database by two hosts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests import postgres
from tests.sites import clean_environment, copy_checkout


def test_two_hosts_prepare_one_database_one_after_the_other(tmp_path: Path) -> None:
    with postgres.run_cluster() as url:
        started = [
            subprocess.Popen(
                [sys.executable, "manage.py", "prepare"],
                cwd=copy_checkout(tmp_path / host),
                env=clean_environment(DATABASE_URL=url),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for host in ("one", "other")
        ]
        said = [process.communicate(timeout=300)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0], said
    assert sum("読み込みました。" in text for text in said) == 1
