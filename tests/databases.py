"""Databases for programs that tests start with DATABASE_URL, on the engine that the tests run on."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import psycopg2
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker

from dxportal.environment import database_settings
from tests.sites import ROOT, clean_environment


class Databases:
    """Factory of databases that are dropped after the test."""

    def __init__(self, folder: Path, blocker: DjangoDbBlocker) -> None:
        self.folder, self.blocker = folder, blocker
        self.names: list[str] = []

    def create_empty(self) -> str:
        """Return the URL of a database without tables."""
        return self.create("")

    def create_filled(self) -> str:
        """Return the URL of a copy of the tests' database: migrated, with the shipped plan."""
        return self.create(str(connection.settings_dict["NAME"]))

    def create(self, template: str) -> str:
        name = f"test_{uuid4().hex}"
        if connection.vendor == "sqlite":
            file = self.folder / f"{name}.sqlite3"
            if template:
                with self.blocker.unblock(), closing(sqlite3.connect(file)) as copy:
                    connection.ensure_connection()
                    connection.connection.backup(copy)
            return f"sqlite:///{file}"
        with self.blocker.unblock():
            connection.close()  # nobody may be connected to a database that is copied
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}")
        self.names.append(name)
        return database_url(name)

    def drop_all(self) -> None:
        for name in self.names:
            self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def replace_by_empty(self, url: str) -> None:
        """Replace a database by an empty one at the same URL."""
        if connection.vendor == "sqlite":
            file = Path(url.removeprefix("sqlite:///"))
            for part in file.parent.glob(f"{file.name}*"):
                part.unlink()
        else:
            name = url.rpartition("/")[2]
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")
            self.execute(f"CREATE DATABASE {name} TEMPLATE template0")

    def execute(self, statement: str) -> None:
        with closing(psycopg2.connect(database_url("postgres"))) as administrator:
            administrator.autocommit = True
            with administrator.cursor() as cursor:
                cursor.execute(statement)

    @contextmanager
    def connect(self, url: str) -> Iterator[BaseDatabaseWrapper]:
        """Connect to a database as the portal would, for statements: models go to the tests' database."""
        settings = database_settings(url, Path(), statement_timeout=60, lock_timeout=20)
        with self.blocker.unblock(), closing(ConnectionHandler({"default": settings})["default"]) as connection_to_url:
            yield connection_to_url


def database_url(name: str) -> str:
    """Return the URL of another database of the server that the tests run on."""
    settings = connection.settings_dict
    password = f":{quote(settings['PASSWORD'])}" if settings["PASSWORD"] else ""
    return f"postgres://{quote(settings['USER'])}{password}@{settings['HOST']}:{settings['PORT']}/{name}"


def manage(url: str, *arguments: str | Path, folder: Path = ROOT, **values: str) -> subprocess.CompletedProcess[str]:
    """Run a command of manage.py on a database."""
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=folder,
        env=clean_environment(DATABASE_URL=url, **values),
        capture_output=True,
        text=True,
        timeout=120,
    )


def assert_refused(done: subprocess.CompletedProcess[str]) -> str:
    """Assert that a command refused to run without a traceback; return its message."""
    assert done.returncode != 0, done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr
