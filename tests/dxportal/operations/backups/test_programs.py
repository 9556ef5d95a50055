"""Choice of the PostgreSQL client program, and what other users of the machine see of its process."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db.utils import ConnectionHandler

from dxportal.environment import database_settings
from dxportal.operations.backups import postgresql
from dxportal.operations.backups.archive import BackupError
from dxportal.operations.backups.postgresql import find_program, start_program

Install = Callable[[int], Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a fake pg_dump of a version in Debian's folder; PATH has none."""

    def make(version: int) -> Path:
        file = tmp_path / "installed" / str(version) / "bin" / "pg_dump"
        file.parent.mkdir(parents=True)
        file.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}.4 (Debian {version}.4-1)'\n")
        file.chmod(0o755)
        return file

    monkeypatch.setattr(postgresql, "DEBIAN_PROGRAMS", tmp_path / "installed")
    monkeypatch.setenv("PATH", str(tmp_path))
    return make


def test_the_oldest_program_that_is_as_new_as_the_server(install: Install) -> None:
    old, fits, new = install(14), install(16), install(17)
    assert [find_program("pg_dump", version) for version in (14, 15, 16, 17)] == [old, fits, fits, new]


def test_where_there_is_none_the_operator_is_told_what_to_install(install: Install) -> None:
    install(14)
    with pytest.raises(BackupError, match=r"PostgreSQL 15 以降の pg_dump が見つかりません。.*postgresql-client-15"):
        find_program("pg_dump", 15)


def test_the_password_is_not_on_the_command_line(tmp_path: Path) -> None:
    url = "postgres://operator:s%20e'cret@db.example:5433/portal?sslmode=require"
    settings = database_settings(url, Path(), statement_timeout=60, lock_timeout=20)
    connection = ConnectionHandler({"default": settings})["default"]
    script = tmp_path / "program"
    script.write_text('#!/bin/sh\necho "$@"\necho "$PGPASSWORD"\n')
    script.chmod(0o755)
    with start_program(script, ["--x"], connection, stdout=subprocess.PIPE) as process:
        said, _ = process.communicate()
    arguments, password = said.decode().splitlines()
    assert "cret" not in arguments
    for part in ("host=db.example", "port=5433", "user=operator", "dbname=portal", "sslmode=require", "--x"):
        assert part in arguments
    assert password == "s e'cret"  # noqa: S105  # of the test
