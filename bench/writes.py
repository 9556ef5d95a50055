"""Writes: the steps that staff wait for, with the plan alone and with the generated catalogue added."""

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
from bench.measurement import GroupResults, Ratio
from bench.workspace import PORTAL, ROOT, WORK_DIR, clean_environment

Steps = dict[str, list[dict[str, float]]]

# The steps with a bound, and the name of the bound of their seconds; other steps are only printed.
BOUND_BY_STEP = {
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
SHEET_STEPS = {"upload a sheet", "propose a sheet", "page of the set: a sheet", "publish a sheet", "undo a sheet"}


def measure() -> GroupResults:
    ratios: list[Ratio] = []
    for engine, database_copy in {"SQLite": sqlite_copy, "PostgreSQL": postgresql_copy}.items():
        with database_copy("plan") as url:
            small = run_writes("steps", url)
        with database_copy("generated") as url:
            large, waits = run_writes("steps", url), run_writes("waiting", url)
        ratios += engine_ratios(engine, small, large)
        description = f"the worst of {len(waits)}, while three previews are made side by side"
        ratios.append(
            Ratio.of(f"{engine}: longest wait of a writer, s", [max(waits)], description, "writes: wait, seconds")
        )
    return GroupResults(
        "writes", "Writes", ratios, f"With {SIZE['--lines']} generated lines, through the views of staff."
    )


def engine_ratios(engine: str, small: Steps, large: Steps) -> Iterator[Ratio]:
    for name, rounds in large.items():
        seconds = [figures["seconds"] for figures in rounds]
        before = small[name][-1]["queries"]
        alone = min(figures["seconds"] for figures in small[name])
        description = f"{alone:.2f} s with the plan; {before} → {rounds[-1]['queries']} queries"
        yield Ratio.of(f"{engine}: {name}, s", seconds, description, BOUND_BY_STEP.get(name, ""))
    bound = {name: rounds for name, rounds in large.items() if name in BOUND_BY_STEP}
    worst = max(bound, key=lambda name: bound[name][-1]["megabytes"])
    yield Ratio.of(f"{engine}: memory, MB", [bound[worst][-1]["megabytes"]], worst, "writes: memory, MB")
    # A sheet of the plan has fewer rows than one statement takes.
    more = {
        name: rounds[-1]["queries"] / small[name][-1]["queries"]
        for name, rounds in bound.items()
        if name not in SHEET_STEPS
    }
    worst = max(more, key=lambda name: more[name])
    yield Ratio.of(f"{engine}: queries, the worst step", [more[worst]], worst, "writes: queries")
    if engine == "PostgreSQL":
        rows_read = [figures["rows"] for figures in large["save one amount"]]
        yield Ratio.of(f"{engine}: rows read in passing to save one amount", rows_read, "", "writes: rows")


@contextmanager
def sqlite_copy(kind: str) -> Iterator[str]:
    """Yield the URL of a copy of a database for writing; it is deleted afterwards."""
    file = WORK_DIR / "writes.sqlite3"
    shutil.copy(databases.sqlite_url(kind).removeprefix("sqlite:///"), file)
    try:
        yield f"sqlite:///{file}"
    finally:
        for leftover in WORK_DIR.glob(f"{file.name}*"):
            leftover.unlink()


@contextmanager
def postgresql_copy(kind: str) -> Iterator[str]:
    with databases.run_postgresql() as (address, _):
        databases.ensure_database(address, kind)
        everything = f"{address}/postgres"
        databases.run_psql(everything, "DROP DATABASE IF EXISTS writes")
        databases.run_psql(everything, f"CREATE DATABASE writes TEMPLATE {kind}")
        try:
            databases.run_psql(f"{address}/writes", "ANALYZE")
            yield f"{address}/writes"
        finally:
            databases.run_psql(everything, "DROP DATABASE writes")


def run_writes(mode: str, url: str) -> Any:
    """Run bench/run_writes.py on a database and return its figures."""
    variables = clean_environment(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="dxportal.settings", STATEMENT_TIMEOUT="0")
    command: list[str | Path] = [PORTAL, "-m", "bench.run_writes", mode]
    ended = subprocess.run(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(ended.stdout)
