"""Scratch folder of a running backup or restore, with the lock that allows only one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from shutil import rmtree

from django.conf import settings

from dxportal.operations.backups.archive import BackupError


@contextmanager
def scratch_folder(folder: Path) -> Iterator[Path]:
    """Create `folder`, readable by its owner only, and remove it at the end; leftovers of a killed process go first.

    Raises BackupError while another process holds the lock.
    """
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR_DIR / "backup.lock").open("w") as lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except BlockingIOError as error:
            raise BackupError(
                "別のバックアップか復元が動いています。終わってから、もう一度実行してください。"
            ) from error
        rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            rmtree(folder, ignore_errors=True)
