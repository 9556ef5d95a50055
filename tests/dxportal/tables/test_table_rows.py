"""Files begin with the first rows, while the database still reads the others."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from tests.databases import Databases, manage

READ_SOME_ROWS = """
import json
from django.db import connection
from django.http import QueryDict
from dxportal.tables import table_rows
from dxportal.tables.registry import BUDGETS
from dxportal.tables.selections import Selection

table_rows.ROWS_PER_READ = 10
chunks = Selection(BUDGETS, QueryDict("year=all")).table_rows.chunks()
count, is_locked, holdable = len(next(chunks)), connection.in_atomic_block, []
if connection.vendor == "postgresql":
    with connection.cursor() as cursor:
        cursor.execute("SELECT is_holdable FROM pg_cursors WHERE name <> ''")
        holdable = [held for (held,) in cursor.fetchall()]
chunks.close()
print(json.dumps([count, is_locked, holdable, connection.in_atomic_block]))
"""


@pytest.mark.slow
def test_the_database_does_not_store_all_rows_before_the_first(databases: Databases) -> None:
    done = manage(databases.create_filled(), "shell", "--no-imports", "-c", READ_SOME_ROWS)
    is_postgresql = connection.vendor == "postgresql"
    assert done.returncode == 0, done.stderr
    # SQLite would take its write lock for a transaction.
    assert json.loads(done.stdout) == [10, is_postgresql, [False] if is_postgresql else [], False]
