"""Database outages, classified by the engine's error code, not by the exception class.

An OperationalError may be a lost server or an invalid pattern; a read-only PostgreSQL raises an InternalError.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from django.db import Error, InterfaceError, OperationalError, connection
from django.utils.translation import gettext_lazy as _


class Outage(Enum):
    """Reason why the database is unavailable for now; the value is the sentence for readers."""

    GONE = _("システムの不具合により、ただいまページを表示できません。")
    BUSY = _("現在、混み合っているため、時間内に処理できませんでした。")
    READ_ONLY = _("システムが読み取り専用になっているため、ただいま書き込めません。")
    FULL = _("システムの保存場所（ディスク）がいっぱいのため、ただいま書き込めません。")

    @property
    def allows_reading(self) -> bool:
        """Whether the database can still be read."""
        return self in (Outage.READ_ONLY, Outage.FULL)


# SQLSTATE codes of PostgreSQL, and their classes of two characters.
POSTGRESQL_OUTAGES = {
    "08": Outage.GONE,  # connection exceptions
    "57P01": Outage.GONE,  # admin shutdown
    "57P02": Outage.GONE,  # crash shutdown
    "57P03": Outage.GONE,  # cannot connect now
    "57P05": Outage.GONE,  # idle session timeout
    "25P03": Outage.GONE,  # idle in transaction session timeout
    "58030": Outage.GONE,  # I/O error
    "53200": Outage.BUSY,  # out of memory
    "53300": Outage.BUSY,  # too many connections
    "55P03": Outage.BUSY,  # lock not available
    "57014": Outage.BUSY,  # query cancelled: statement timeout
    "40001": Outage.BUSY,  # serialization failure
    "40P01": Outage.BUSY,  # deadlock detected
    "25006": Outage.READ_ONLY,  # read-only SQL transaction
    "53100": Outage.FULL,  # disk full
}
# Primary result codes of SQLite: the lowest byte of an extended code.
SQLITE_OUTAGES = {
    sqlite3.SQLITE_BUSY: Outage.BUSY,
    sqlite3.SQLITE_LOCKED: Outage.BUSY,
    sqlite3.SQLITE_NOMEM: Outage.BUSY,
    sqlite3.SQLITE_CANTOPEN: Outage.GONE,
    sqlite3.SQLITE_IOERR: Outage.GONE,
    sqlite3.SQLITE_READONLY: Outage.READ_ONLY,
    sqlite3.SQLITE_PERM: Outage.READ_ONLY,
    sqlite3.SQLITE_FULL: Outage.FULL,
}


def find_outage(error: BaseException | None) -> Outage | None:
    """Find the outage in the chain of causes of an error; None if the database is not the cause."""
    found = (classify_database_error(one) for one in exception_chain(error) if isinstance(one, Error))
    return next((outage for outage in found if outage), None)


def exception_chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, its cause or context, and so on."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def classify_database_error(error: Error) -> Outage | None:
    driver_error = error.__cause__
    if isinstance(code := getattr(driver_error, "sqlite_errorcode", None), int):
        return SQLITE_OUTAGES.get(code & 0xFF)
    if state := getattr(driver_error, "pgcode", None):
        return POSTGRESQL_OUTAGES.get(state) or POSTGRESQL_OUTAGES.get(state[:2])
    # The client library sets no code if the server is unreachable or the connection has ended.
    comes_from_client = driver_error is None or getattr(driver_error, "pgcode", "") is None
    return Outage.GONE if comes_from_client and isinstance(error, InterfaceError | OperationalError) else None


MIN_FREE_BYTES = 1024 * 1024  # disk space that SQLite needs for a write
SQLITE_STATE_QUERY = (
    "SELECT query_only, page_count >= max_page_count FROM pragma_query_only, pragma_page_count, pragma_max_page_count"
)


def find_write_outage() -> Outage | None:
    """Find an outage that prevents writing, as far as it can be detected without writing; one query."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW transaction_read_only")
            return Outage.READ_ONLY if cursor.fetchone() == ("on",) else None
        cursor.execute(SQLITE_STATE_QUERY)
        is_read_only, is_full = cursor.fetchone()
    file = Path(connection.settings_dict["NAME"])
    if file.exists():  # the database of tests may be in memory
        is_read_only = is_read_only or not all(os.access(path, os.W_OK) for path in (file, file.parent))
        is_full = is_full or shutil.disk_usage(file.parent).free < MIN_FREE_BYTES
    if is_read_only:
        return Outage.READ_ONLY
    return Outage.FULL if is_full else None
