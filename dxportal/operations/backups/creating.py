"""Creation of a backup."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from dxportal.operations.backups.archive import (
    MANIFEST,
    SECRET_KEY,
    BackupError,
    Manifest,
    create_archive,
    os_error_as_backup_error,
)
from dxportal.operations.backups.engines import engine_for
from dxportal.operations.backups.scratch import scratch_folder


def create_backup(connection: BaseDatabaseWrapper, file: Path, *, replace: bool = False) -> Manifest:
    """Write database and secret key to the archive `file`, as of one committed state.

    Others may read and write meanwhile. Raises BackupError, leaving no new file.
    """
    engine = engine_for(connection)
    if not engine.has_database(connection) or "django_migrations" not in connection.introspection.table_names():
        raise BackupError(
            "データベースに表がありません。バックアップするものがないので、DATABASE_URL を確かめてください。"
        )
    key = None if os.environ.get("SECRET_KEY") else settings.VAR_DIR / "secret-key"
    with (
        os_error_as_backup_error(file),
        scratch_folder(settings.VAR_DIR / "backing-up") as work,
        create_archive(file, replace=replace) as archive,
    ):
        made_at = timezone.localtime()
        contents = engine.write_database(connection, archive, work)
        if key:
            archive.add(SECRET_KEY, key.read_bytes())
        manifest = Manifest(
            portal=settings.VERSION,
            engine=connection.vendor,
            program=engine.dump_program(connection),
            made_at=made_at,
            key_is_in="file" if key else "environment",
            contents=contents,
        )
        archive.add(MANIFEST, manifest.model_dump_json(indent=1).encode())
    return manifest
