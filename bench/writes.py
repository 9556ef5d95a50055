"""Writes: what a member of staff waits for, with the plan alone and with the generated catalogue beside it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import databases
from bench.databases import SIZE
from bench.places import KEPT, PORTAL, ROOT, environment
from bench.rounds import Ratio, Results

Steps = dict[str, list[dict[str, float]]]

# The steps with a bound, and the name of the bound of their seconds; other steps are only printed.
BOUND = {
    "save one amount": "writes: seconds",
    "page in an open set": "writes: seconds",
    "preview of a public page": "writes: seconds",
    "publish one amount": "writes: seconds",
    "undo one amount": "writes: seconds",
    "add a row": "writes: seconds",
    "publish an added row": "writes: seconds, a row that moves others",
    "undo an added row": "writes: seconds, a row that moves others",
    "rename a project": "writes: seconds",
    "publish a renamed project": "writes: seconds, a row that moves others",
    "undo a renamed project": "writes: seconds, a row that moves others",
    "publish a sheet": "writes: seconds, a sheet",
    "undo a sheet": "writes: seconds, a sheet",
}
SHEETS = {"upload a sheet", "propose a sheet", "page of the set: a sheet", "publish a sheet", "undo a sheet"}


def measure() -> Results:
    ratios: list[Ratio] = []
    for engine, copies in {"SQLite": sqlite_copy, "PostgreSQL": postgresql_copy}.items():
        with copies("plan") as url:
            small = done("steps", url)
        with copies("generated") as url:
            large, waited = done("steps", url), done("waiting", url)
        ratios += of_engine(engine, small, large)
        told = f"the worst of {len(waited)}, while three previews are made side by side"
        ratios.append(Ratio.of(f"{engine}: longest wait of a writer, s", [max(waited)], told, "writes: wait, seconds"))
    return Results("writes", "Writes", ratios, f"With {SIZE['--lines']} generated lines, through the views of staff.")


def of_engine(engine: str, small: Steps, large: Steps) -> Iterator[Ratio]:
    for name, taken in large.items():
        seconds = [one["seconds"] for one in taken]
        before = small[name][-1]["queries"]
        alone = min(one["seconds"] for one in small[name])
        told = f"{alone:.2f} s with the plan; {before} → {taken[-1]['queries']} queries"
        yield Ratio.of(f"{engine}: {name}, s", seconds, told, BOUND.get(name, ""))
    bound = {name: taken for name, taken in large.items() if name in BOUND}
    worst = max(bound, key=lambda name: bound[name][-1]["megabytes"])
    yield Ratio.of(f"{engine}: memory, MB", [bound[worst][-1]["megabytes"]], worst, "writes: memory, MB")
    # A sheet of the plan has fewer rows than one statement takes.
    more = {
        name: taken[-1]["queries"] / small[name][-1]["queries"] for name, taken in bound.items() if name not in SHEETS
    }
    worst = max(more, key=lambda name: more[name])
    yield Ratio.of(f"{engine}: queries, the worst step", [more[worst]], worst, "writes: queries")
    if engine == "PostgreSQL":
        read = [one["rows"] for one in large["save one amount"]]
        yield Ratio.of(f"{engine}: rows read in passing to save one amount", read, "", "writes: rows")


@contextmanager
def sqlite_copy(kind: str) -> Iterator[str]:
    """The URL of a copy of a database that may be written to, and is gone afterwards."""
    file = KEPT / "writes.sqlite3"
    shutil.copy(databases.sqlite(kind).removeprefix("sqlite:///"), file)
    try:
        yield f"sqlite:///{file}"
    finally:
        for left in KEPT.glob(f"{file.name}*"):
            left.unlink()


@contextmanager
def postgresql_copy(kind: str) -> Iterator[str]:
    with databases.server() as (address, _):
        databases.made(address, kind)
        everything = f"{address}/postgres"
        databases.psql(everything, "DROP DATABASE IF EXISTS writes")
        databases.psql(everything, f"CREATE DATABASE writes TEMPLATE {kind}")
        try:
            databases.psql(f"{address}/writes", "ANALYZE")
            yield f"{address}/writes"
        finally:
            databases.psql(everything, "DROP DATABASE writes")


def done(what: str, url: str) -> Any:
    """Run bench/writing.py on a database and return its figures."""
    facts = environment(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="dxportal.settings", STATEMENT_TIMEOUT="0")
    command: list[str | Path] = [PORTAL, "-m", "bench.writing", what]
    ended = subprocess.run(command, cwd=ROOT, env=facts, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(ended.stdout)
