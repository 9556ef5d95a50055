"""Interface to the backup of each database engine."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, cast

from django.db.backends.base.base import BaseDatabaseWrapper

from dxportal.operations.backups import postgresql, sqlite
from dxportal.operations.backups.archive import ArchiveWriter, DatabaseContents


class BackupEngine(Protocol):
    def has_database(self, connection: BaseDatabaseWrapper, /) -> bool:
        """Tell whether there is a database to connect to."""

    def staging_folder(self, connection: BaseDatabaseWrapper, folder: Path, /) -> Path:
        """Return the folder in which a backup is unpacked."""

    def dump_program(self, connection: BaseDatabaseWrapper, /) -> str:
        """Return name and version of the program that writes the database into a backup."""

    def write_database(
        self, connection: BaseDatabaseWrapper, archive: ArchiveWriter, work: Path, /
    ) -> DatabaseContents:
        """Add one committed state of the database to an archive, and return its contents."""

    def restore_database(self, connection: BaseDatabaseWrapper, dump: Path, program: str, /) -> None:
        """Replace an empty database by a dump that `program` wrote, all or nothing."""

    def read_contents(self, connection: BaseDatabaseWrapper, /) -> DatabaseContents:
        """Return the contents of a database."""


ENGINES = {"sqlite": cast(BackupEngine, sqlite), "postgresql": cast(BackupEngine, postgresql)}
ENGINE_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def engine_for(connection: BaseDatabaseWrapper) -> BackupEngine:
    return ENGINES[connection.vendor]
