"""Backing up and restoring a database, for each engine."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, cast

from django.db.backends.base.base import BaseDatabaseWrapper

from dxportal.operations.backups import postgresql, sqlite
from dxportal.operations.backups.archive import ArchiveWriter, DatabaseContents


class Engine(Protocol):
    def has_database(self, connection: BaseDatabaseWrapper, /) -> bool:
        """Whether there is a database to connect to."""

    def staging_folder(self, connection: BaseDatabaseWrapper, folder: Path, /) -> Path:
        """Return the folder in which a backup is to be unpacked."""

    def program(self, connection: BaseDatabaseWrapper, /) -> str:
        """Return the name and version of what writes the database into a backup."""

    def write_database(
        self, connection: BaseDatabaseWrapper, archive: ArchiveWriter, work: Path, /
    ) -> DatabaseContents:
        """Add what is committed at one moment to an archive, and return what that is."""

    def restore_database(self, connection: BaseDatabaseWrapper, dump: Path, program: str, /) -> None:
        """Put what `program` wrote in the place of an empty database: all of it, or nothing."""

    def read_contents(self, connection: BaseDatabaseWrapper, /) -> DatabaseContents:
        """Return what a database holds."""


ENGINES = {"sqlite": cast(Engine, sqlite), "postgresql": cast(Engine, postgresql)}
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def engine_for(connection: BaseDatabaseWrapper) -> Engine:
    return ENGINES[connection.vendor]
