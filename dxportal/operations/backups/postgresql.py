"""Backup of PostgreSQL: pg_dump and the row hashes share one snapshot."""

from __future__ import annotations

import os
import re
import subprocess
from collections import defaultdict
from hashlib import sha256
from pathlib import Path
from shutil import copyfileobj, which
from tempfile import TemporaryFile
from typing import IO, Any, cast

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2.extensions import make_dsn

from dxportal.operations.backups.archive import (
    CHUNK_SIZE,
    DATABASE,
    ArchiveWriter,
    BackupError,
    DatabaseContents,
    TableHash,
    first_line,
)

DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")  # Debian's folder with the programs of each version
# Text output and timeouts that do not depend on the settings of a server or a role.
SESSION_SETTINGS = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}
# Columns of each table: name, whether it has a collation, its position in the primary key.
COLUMNS_QUERY = """
    SELECT tables.relname, columns.attname, columns.attcollation <> 0,
        array_position(keys.indkey::int2[], columns.attnum)
    FROM pg_class tables
    JOIN pg_attribute columns ON columns.attrelid = tables.oid AND columns.attnum > 0 AND NOT columns.attisdropped
    LEFT JOIN pg_index keys ON keys.indrelid = tables.oid AND keys.indisprimary
    WHERE tables.relkind IN ('r', 'p') AND tables.relnamespace = current_schema()::regnamespace
    ORDER BY tables.relname, columns.attnum
"""


def has_database(connection: BaseDatabaseWrapper) -> bool:
    return True  # unlike with SQLite, connecting does not create a database


def staging_folder(connection: BaseDatabaseWrapper, folder: Path) -> Path:
    """Return the folder in which a backup is unpacked."""
    return folder / "restoring"


def write_database(connection: BaseDatabaseWrapper, archive: ArchiveWriter, work: Path) -> DatabaseContents:
    dump = find_program("pg_dump", server_version(connection))
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            cursor.execute("SELECT pg_export_snapshot(), current_schema()")
            snapshot, schema = cursor.fetchone()
            options = ["--format=custom", f"--snapshot={snapshot}", f"--schema={quote_name(schema)}"]
            with archive.member(DATABASE, is_compressed=True) as stream, TemporaryFile() as errors:
                with start_program(dump, options, connection, stdout=subprocess.PIPE, stderr=errors) as process:
                    copyfileobj(cast(IO[bytes], process.stdout), cast(IO[bytes], stream), CHUNK_SIZE)
                check_exit_code("pg_dump", process.returncode, errors)
            return read_contents_in_transaction(cursor)
        finally:
            cursor.execute("ROLLBACK")


def dump_program(connection: BaseDatabaseWrapper) -> str:
    """Return name and major version of the program that writes the dump; older ones cannot read it."""
    return f"pg_dump {program_version(find_program('pg_dump', server_version(connection)))}"


def restore_database(connection: BaseDatabaseWrapper, dump: Path, program: str) -> None:
    """Restore in one transaction, after dropping the empty tables."""
    needed = max(server_version(connection), int(program.split()[-1]))
    restore = find_program("pg_restore", needed)
    with connection.cursor() as cursor:
        if tables := connection.introspection.table_names(cursor):
            cursor.execute(f"DROP TABLE {', '.join(map(quote_name, tables))}")
        cursor.execute("SELECT current_schema()")
        (schema,) = cursor.fetchone()
    options = ["--single-transaction", "--exit-on-error", f"--schema={schema}"]
    with TemporaryFile() as errors:
        with start_program(restore, [*options, str(dump)], connection, stderr=errors) as process:
            pass
        check_exit_code("pg_restore", process.returncode, errors)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def start_program(
    executable: Path, options: list[str], connection: BaseDatabaseWrapper, **streams: Any
) -> subprocess.Popen[bytes]:
    """Start a program of PostgreSQL; the password is in the environment, which other users cannot read."""
    parameters = connection.get_connection_params()
    password = parameters.pop("password", None)
    for name in ("cursor_factory", "client_encoding"):
        parameters.pop(name, None)
    common = ["--no-owner", "--no-privileges", "--no-password", f"--dbname={make_dsn(**parameters)}"]
    environment = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    return subprocess.Popen([executable, *common, *options], env=environment, **streams)  # noqa: S603  # no shell


def check_exit_code(name: str, code: int, errors: Any) -> None:
    if code:
        errors.seek(0)
        output = first_line(errors.read().decode(errors="replace")) or f"終了コード {code}"
        raise BackupError(f"{name} が失敗しました（{output}）。")


def find_program(name: str, at_least: int) -> Path:
    """Return the oldest installed program whose major version is at least `at_least`.

    A program supports servers up to its own version; a newer one may write statements that an older server rejects.
    """
    on_path = which(name)
    programs = [*([Path(on_path)] if on_path else []), *DEBIAN_PROGRAMS.glob(f"*/bin/{name}")]
    able = {version: program for program in programs if (version := program_version(program)) >= at_least}
    if not able:
        raise BackupError(
            f"PostgreSQL {at_least} 以降の {name} が見つかりません。"
            f"PostgreSQL のクライアント（Debian では postgresql-client-{at_least}）を入れて、PATH に加えてください。"
        )
    return able[min(able)]


def program_version(executable: Path) -> int:
    output = subprocess.run([executable, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603  # found on PATH, no shell
    version = re.search(r"\(PostgreSQL\) (\d+)", output)
    return int(version[1]) if version else 0


def server_version(connection: BaseDatabaseWrapper) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


def read_contents(connection: BaseDatabaseWrapper) -> DatabaseContents:
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            return read_contents_in_transaction(cursor)
        finally:
            cursor.execute("ROLLBACK")


def read_contents_in_transaction(cursor: Any) -> DatabaseContents:
    for name, value in SESSION_SETTINGS.items():
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
    cursor.execute(COLUMNS_QUERY)
    columns = defaultdict(list)
    for table, *column in cursor.fetchall():
        columns[table].append(column)
    tables = {table: hash_table(cursor, table, columns[table]) for table in sorted(columns)}
    cursor.execute("SELECT app, name FROM django_migrations")
    return DatabaseContents(migrations=sorted(cursor.fetchall()), tables=tables)


def hash_table(cursor: Any, table: str, columns: list[tuple[str, bool, int | None]]) -> TableHash:
    """Hash the rows of a table in the text format of COPY: a row per line, columns separated by tabs."""
    keys = sorted((place, name, collated) for name, collated, place in columns if place is not None)
    ordered = [(name, collated) for _, name, collated in keys] or [(name, collated) for name, collated, _ in columns]
    order = ", ".join(quote_name(name) + (' COLLATE "C"' if collated else "") for name, collated in ordered)
    names = ", ".join(quote_name(name) for name, _, _ in columns)
    lines = LineHasher(names)
    cursor.copy_expert(f"COPY (SELECT {names} FROM {quote_name(table)} ORDER BY {order}) TO STDOUT", lines, CHUNK_SIZE)  # noqa: S608  # quoted names
    return TableHash(rows=lines.count, sha256=lines.digest.hexdigest())


class LineHasher:
    """Target of COPY that hashes and counts lines; COPY escapes line breaks within values."""

    def __init__(self, header: str) -> None:
        self.digest, self.count = sha256(f"{header}\n".encode()), 0

    def write(self, lines: bytes) -> None:
        self.digest.update(lines)
        self.count += lines.count(b"\n")


def quote_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
