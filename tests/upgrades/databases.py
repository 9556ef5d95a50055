"""Databases that earlier versions left behind, each in a database of its own beside that of the tests."""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections
from django.db.utils import load_backend

FOLDER = Path(__file__).parent


@contextmanager
def connect_to(version: str) -> Iterator[None]:
    """Run the block with the default connection leading to what this version left behind, as it was left."""
    with TemporaryDirectory() as scratch:
        if connection.vendor == "sqlite":
            file = Path(scratch) / "db.sqlite3"
            file.write_bytes(decompress(f"{version}.sqlite3.xz"))
            with replace_default_connection(str(file)):
                yield
            return
    name = f"{connection.settings_dict['NAME']}_upgraded"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')  # left by a run that was killed
        cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        with replace_default_connection(name):
            with connection.cursor() as cursor:
                cursor.execute(decompress(f"{version}.postgresql.sql.xz").decode())
            connection.close()  # the dump has changed settings of the session
            yield
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}"')


def decompress(name: str) -> bytes:
    return lzma.decompress((FOLDER / name).read_bytes())


@contextmanager
def replace_default_connection(name: str) -> Iterator[None]:
    """A new connection in the place of the default one, which is left open: the tests' database may be in memory."""
    usual: Any = connections["default"]
    settings = {**usual.settings_dict, "NAME": name}
    connections["default"] = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = usual
        ContentType.objects.clear_cache()
