"""Restore of a backup into an empty database, and verification of the restored rows."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

from dxportal import secret_key
from dxportal.operations.backups.archive import (
    DATABASE,
    FORMAT,
    SECRET_KEY,
    BackupError,
    Manifest,
    open_archive,
    os_error_as_backup_error,
)
from dxportal.operations.backups.engines import ENGINE_NAMES, engine_for
from dxportal.operations.backups.scratch import scratch_folder
from dxportal.schema_version import join_some, unknown_migrations

FILLED_BY_MIGRATE = ("django_migrations", "django_content_type", "auth_permission")


def restore_backup(connection: BaseDatabaseWrapper, file: Path) -> tuple[Manifest, str]:
    """Restore a backup; return its manifest and a sentence about the secret key.

    Raises BackupError, leaving the database empty.
    """
    engine = engine_for(connection)
    with (
        os_error_as_backup_error(file),
        open_archive(file) as archive,
        scratch_folder(engine.staging_folder(connection, settings.VAR_DIR)) as work,
    ):
        manifest = archive.manifest
        refuse_foreign_backup(manifest, connection)
        if engine.has_database(connection):
            refuse_filled_database(connection)
        archive.extract(DATABASE, work / DATABASE)
        if manifest.key_is_in == "file":
            archive.extract(SECRET_KEY, work / SECRET_KEY)
        engine.restore_database(connection, work / DATABASE, manifest.program)
        return manifest, restore_secret_key(manifest, work / SECRET_KEY, settings.VAR_DIR / "secret-key")


def refuse_foreign_backup(manifest: Manifest, connection: BaseDatabaseWrapper) -> None:
    newer = unknown_migrations(set(manifest.contents.migrations))
    if manifest.format > FORMAT or newer:
        raise BackupError(
            f"このバックアップは、より新しいバージョン（{manifest.portal}）のものです"
            f"{f'（{join_some(newer)}）' if newer else ''}。そのバージョンのプログラムで復元してください。"
        )
    if manifest.engine != connection.vendor:
        raise BackupError(
            f"このバックアップは {ENGINE_NAMES[manifest.engine]} のもので、"
            f"{ENGINE_NAMES[connection.vendor]} には復元できません。"
            "DATABASE_URL を同じ種類のデータベースにしてください。"
        )


def refuse_filled_database(connection: BaseDatabaseWrapper) -> None:
    """Raise BackupError if the database has foreign tables, or rows other than those that `migrate` inserts."""
    ours = {*connection.introspection.django_table_names(), "django_migrations"}
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if not name.startswith("sqlite_")]
        filled = [name for name in tables if name not in ours]
        for name in ours.intersection(tables).difference(FILLED_BY_MIGRATE):
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(name)} LIMIT 1")  # noqa: S608  # quoted names
            if cursor.fetchone():
                filled.append(name)
    if filled:
        raise BackupError(
            f"データベースは空ではありません（{join_some(sorted(filled))}）。空のデータベースにだけ復元できます。"
            "今のデータベースを別の場所に移すか、DATABASE_URL で空のデータベースを指定してください。"
        )


def restore_secret_key(manifest: Manifest, key: Path, current: Path) -> str:
    """Restore the secret key unless another one is in use; return a sentence for the operator."""
    if manifest.key_is_in == "environment":
        return "秘密鍵は環境変数 SECRET_KEY にあり、バックアップに入っていません。同じ値を設定してください。"
    if os.environ.get("SECRET_KEY"):
        return "秘密鍵は環境変数 SECRET_KEY のものを使います。バックアップの秘密鍵は復元していません。"
    if current in secret_key.newly_generated or not current.exists():
        key.chmod(0o600)
        key.replace(current)
        return f"{current} に秘密鍵を復元しました。"
    if current.read_bytes() == key.read_bytes():
        return f"{current} は、バックアップの秘密鍵と同じです。"
    return (
        f"{current} は今のものを残しました。バックアップの秘密鍵とは違うので、全員がログインし直すことになります。"
        f"元の秘密鍵を使うには、バックアップの中の {SECRET_KEY} で置き換えてください。"
    )


def differing_tables(connection: BaseDatabaseWrapper, manifest: Manifest) -> list[str]:
    """Return the names of the tables whose rows differ from those that were backed up."""
    backed_up, current = manifest.contents.tables, engine_for(connection).read_contents(connection).tables
    return sorted(name for name in backed_up.keys() | current.keys() if backed_up.get(name) != current.get(name))
