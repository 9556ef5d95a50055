"""Backup of SQLite: one statement copies the committed state, while others read and write."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from shutil import copyfileobj
from typing import IO, cast

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from dxportal.operations.backups.archive import (
    CHUNK_SIZE,
    DATABASE,
    ArchiveWriter,
    BackupError,
    DatabaseContents,
    TableHash,
    sync_folder,
)


def database_file(connection: BaseDatabaseWrapper) -> Path:
    return Path(connection.settings_dict["NAME"]).resolve()


def has_database(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether the file exists, without connecting, which would create it."""
    return database_file(connection).exists()


def staging_folder(connection: BaseDatabaseWrapper, folder: Path) -> Path:
    """Return the folder in which a backup is unpacked: on the database's file system, so that a rename is atomic."""
    file = database_file(connection)
    return file.with_name(f".{file.name}.restoring")


def write_database(connection: BaseDatabaseWrapper, archive: ArchiveWriter, work: Path) -> DatabaseContents:
    copy = work / DATABASE
    try:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(copy)])
    except OperationalError as error:
        raise BackupError(
            f"データベースの写しを {work} に作れません（{error}）。ディスクの空きを確かめてください。"
        ) from error
    with archive.member(DATABASE) as stream, copy.open("rb") as source:
        copyfileobj(source, cast(IO[bytes], stream), CHUNK_SIZE)
    return read_file_contents(copy)


def dump_program(connection: BaseDatabaseWrapper) -> str:
    return f"SQLite {sqlite3.sqlite_version}"


def restore_database(connection: BaseDatabaseWrapper, dump: Path, program: str) -> None:
    """Rename the restored file to the database, which must be empty or missing."""
    file = database_file(connection)
    connection.close()
    if file.exists():
        refuse_open_database(file)
    for rest in ("-wal", "-shm", "-journal"):  # left by a lost database: SQLite would replay them into the new one
        file.with_name(file.name + rest).unlink(missing_ok=True)
    dump.replace(file)
    sync_folder(file.parent)


def refuse_open_database(file: Path) -> None:
    """Raise BackupError if another process has the file open, because it would go on using the old one.

    SQLite cannot leave WAL mode while another connection is open.
    """
    with closing(sqlite3.connect(file)) as database:
        try:
            database.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError as error:
            raise BackupError(
                f"ほかのプロセスが {file} を開いています。サイトを止めてから、もう一度実行してください。"
                "何も復元していません。"
            ) from error


def read_contents(connection: BaseDatabaseWrapper) -> DatabaseContents:
    return read_file_contents(database_file(connection))


def read_file_contents(file: Path) -> DatabaseContents:
    with closing(sqlite3.connect(file)) as database:
        database.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = {name: hash_table(database, name) for name in sorted(names) if not name.startswith("sqlite_")}
        migrations = database.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()
    return DatabaseContents(migrations=migrations, tables=tables)


def hash_table(database: sqlite3.Connection, table: str) -> TableHash:
    """Hash the rows of a table as JSON, a row per line; a blob is an array with its hexadecimal digits."""
    columns = database.execute(f"PRAGMA table_info({quote_name(table)})").fetchall()
    names = [column[1] for column in columns]
    keys = [column[1] for column in sorted(columns, key=lambda column: column[5]) if column[5]]
    order = ", ".join(map(quote_name, keys or names))
    rows = database.execute(f"SELECT {', '.join(map(quote_name, names))} FROM {quote_name(table)} ORDER BY {order}")  # noqa: S608  # quoted names
    encode = json.JSONEncoder(default=lambda blob: [blob.hex()]).encode
    digest, count = sha256(f"{encode(names)}\n".encode()), 0
    for row in rows:
        digest.update(f"{encode(row)}\n".encode())
        count += 1
    return TableHash(rows=count, sha256=digest.hexdigest())


def quote_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
