"""Fills the index of a database that holds a plan with entries of the bench, in place of those that are there.

    DATABASE_URL=… .venv/bin/python -m bench.filling 1000000

With `anew` behind the number it is faster, and a database of SQLite is lost if it is stopped.
"""

from __future__ import annotations

import gc
import sys
import time

import django

CACHE = 1 << 20  # KiB


def main(count: int, is_new: bool) -> None:
    django.setup()
    from bench.entries import fill

    gc.disable()  # of very many objects none goes before all do
    if is_new:
        without_care()
    began = time.monotonic()
    fill(count)
    print(f"{count} entries: {time.monotonic() - began:.0f} s")


def without_care() -> None:
    """A database of SQLite that is being made is made again where something fails: what guards it takes time."""
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for setting in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{CACHE}"):
                cursor.execute(f"PRAGMA {setting}")


if __name__ == "__main__":
    main(int(sys.argv[1]), "anew" in sys.argv[2:])
