"""Fill a SQLite database that holds a plan: with the generated catalogue, or with search documents.

    DATABASE_URL=sqlite:///… .venv/bin/python -m bench.fill_database generated
    DATABASE_URL=sqlite:///… .venv/bin/python -m bench.fill_database entries

The database is lost if this is interrupted: journal and constraints are switched off.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import django

# Foreign keys are checked once for all rows, by `generate_catalogue`.
SETTINGS = ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", f"cache_size = -{1 << 20}")
# Indexes of budget lines that belong to no constraint; they are created faster after the lines are inserted.
INDEXES = """
SELECT name, sql FROM sqlite_master
WHERE type = 'index' AND tbl_name = 'budgets_budgetline' AND sql LIKE 'CREATE INDEX%'
"""


def main(kind: str) -> None:
    django.setup()
    from django.core.management import call_command

    from bench.databases import ENTRIES, SIZE, SMALL
    from bench.search_generator import fill_index

    gc.disable()  # millions of objects live to the end; collecting would only cost time
    with unsafe_and_fast():
        if kind == "entries":
            fill_index(ENTRIES)
        else:
            options = [part for option in (SMALL if kind == "small" else SIZE).items() for part in option]
            call_command("generate_catalogue", *options, stdout=StringIO(), stderr=StringIO())


@contextmanager
def unsafe_and_fast() -> Iterator[None]:
    """Switch off everything that protects a database which is simply made again after a failure."""
    from django.db import connection

    with connection.cursor() as cursor:
        for setting in SETTINGS:
            cursor.execute(f"PRAGMA {setting}")
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _, statement in indexes:
            cursor.execute(statement)


if __name__ == "__main__":
    main(sys.argv[1])
