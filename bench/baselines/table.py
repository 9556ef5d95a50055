"""A table of SQLite from rows of JSON."""

import json
import sqlite3
import sys
from pathlib import Path

source, target = map(Path, sys.argv[1:])
target.unlink(missing_ok=True)
rows = json.loads(source.read_text())
names = list(rows[0])
with sqlite3.connect(target) as connection:
    connection.execute(f"CREATE TABLE lines ({', '.join(names)})")
    marks = ", ".join("?" * len(names))
    connection.executemany(f"INSERT INTO lines VALUES ({marks})", [list(row.values()) for row in rows])  # noqa: S608  # names of columns
