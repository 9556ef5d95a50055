"""Fills a database of SQLite that holds a plan, and that nobody uses yet: with the catalogue that
`generate_catalogue` makes, or with entries of the search.

    DATABASE_URL=sqlite:///… .venv/bin/python -m bench.fill_database generated
    DATABASE_URL=sqlite:///… .venv/bin/python -m bench.fill_database entries

The database is lost if this is stopped: what guards it takes time.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import django

# `generate_catalogue` has a cache of its own, and asks of all rows together whether parents are there.
SETTINGS = ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", f"cache_size = -{1 << 20}")
# Those of the lines that are no part of a constraint; they are made faster when all lines are there.
INDEXES = """
SELECT name, sql FROM sqlite_master
WHERE type = 'index' AND tbl_name = 'budgets_budgetline' AND sql LIKE 'CREATE INDEX%'
"""


def main(kind: str) -> None:
    django.setup()
    from django.core.management import call_command

    from bench.databases import ENTRIES, SIZE, SMALL
    from bench.search_generator import fill_index

    gc.disable()  # of very many objects none goes before all do
    with unsafe_and_fast():
        if kind == "entries":
            fill_index(ENTRIES)
        else:
            options = [part for option in (SMALL if kind == "small" else SIZE).items() for part in option]
            call_command("generate_catalogue", *options, stdout=StringIO(), stderr=StringIO())


@contextmanager
def unsafe_and_fast() -> Iterator[None]:
    """For a database that is made again where something fails."""
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
