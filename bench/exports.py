"""Exports: all budget rows as CSV against what databases write themselves, a year's as Excel beside openpyxl."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from email.message import Message
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from bench import databases, servers
from bench.places import ANCHORS, BENCH, KEPT, PORTAL, ROOT, environment
from bench.processes import Server, forget_peaks, memory, processor_seconds
from bench.rounds import Ratio, Results, rounds

CSV = "/budgets.csv?year=all"
XLSX = "/budgets.xlsx?year=2021"
FINISHED = "/budgets.csv"  # of the latest year, which is 2021
TABLE = KEPT / "budgets.csv"
ROUNDS = 2
PATIENCE = 30  # seconds
# The same rows in the same order, each with the same columns.
STATEMENT = """
SELECT r.fiscal_year, p.code, p.name, t.name, d.code, d.name, s.name, r.kind, r.amount_thousand_yen,
       c.label, r.page, 'http://127.0.0.1:8000/projects/' || p.code || '/'
FROM budgets_budgetrow r
JOIN projects_project p ON p.id = r.project_id
LEFT JOIN projects_projectpart t ON t.id = r.part_id
JOIN catalog_department d ON d.id = r.department_id
LEFT JOIN budgets_stage s ON s.id = r.stage_id
LEFT JOIN catalog_sourcedocument c ON c.id = r.document_id
WHERE r.is_listed{}
ORDER BY r.fiscal_year DESC, r.department_rank, r.project_rank, r.number
"""


@dataclass(frozen=True)
class Taken:
    """What an export has taken: rows that came, processor seconds of all that worked for it, and what is beside."""

    rows: int
    processor: float
    wall: float
    first_byte: float = 0
    megabytes: float = 0

    @property
    def microseconds(self) -> float:
        """Of the processor, for each row."""
        return 1e6 * self.processor / self.rows


def measure() -> Results:
    with ExitStack() as stack:
        url, postgresql = stack.enter_context(databases.postgresql("generated"))
        file = databases.sqlite("generated")
        on_postgresql = stack.enter_context(servers.portal("portal", url))
        on_sqlite = stack.enter_context(servers.portal("portal", file))
        turns: dict[str, Callable[[], Taken]] = {
            "portal, PostgreSQL": partial(download, on_postgresql, CSV, postgresql),
            "psql": partial(copied, url, postgresql),
            "portal, SQLite": partial(download, on_sqlite, CSV),
            "sqlite3": partial(shell, file),
        }
        found = rounds(turns, ROUNDS)
        finish(file, on_sqlite)
        turns = {
            "finished file": partial(download, on_sqlite, FINISHED),
            "psql": partial(copied, url, postgresql, condition=" AND r.fiscal_year = 2021"),
        }
        finished = rounds(turns, ROUNDS)
        download(on_sqlite, FINISHED, target=TABLE)
        books: dict[str, Callable[[], Taken]] = {
            "portal": partial(download, on_sqlite, XLSX),
            "openpyxl": openpyxl_alone,
        }
        sheets = rounds(books, ROUNDS)
    csv, alone = [*found["portal, PostgreSQL"], *found["portal, SQLite"]], sheets["openpyxl"]
    own = [replace(one, rows=other.rows) for one, other in zip(sheets["portal"], alone, strict=True)]
    ratios = [
        against("CSV, PostgreSQL", found["portal, PostgreSQL"], found["psql"], "psql \\copy"),
        against("CSV, SQLite", found["portal, SQLite"], found["sqlite3"], "sqlite3 .mode csv"),
        against("finished file", finished["finished file"], finished["psql"], "psql \\copy"),
        against("XLSX", own, alone, "openpyxl write-only"),
        beside("first byte, seconds", [one.first_byte for one in csv]),
        beside("memory, MB", [one.megabytes for one in [*csv, *own]]),
    ]
    about = f"{CSV}, {csv[0].rows:,} rows; {XLSX}, {alone[0].rows:,} rows."
    return Results("exports", "Exports", ratios, about)


def against(name: str, own: list[Taken], others: list[Taken], who: str) -> Ratio:
    mine, theirs = (median(one.microseconds for one in some) for some in (own, others))
    values = [one.microseconds / other.microseconds for one, other in zip(own, others, strict=True)]
    measured = f"{mine:.1f} µs a row, {who} {theirs:.1f} µs"
    return Ratio.of(name, values, measured, f"exports: {name}")


def beside(name: str, values: list[float]) -> Ratio:
    return Ratio.of(name, values, bound=f"exports: {name}")


def download(server: Server, path: str, *workers: int, target: Path = Path(os.devnull)) -> Taken:
    """Read an answer to its end; a row ends with a line."""
    pids = (server.pid, *workers)
    forget_peaks(server.pid)
    before, spent, began = memory(server.pid), sum(map(processor_seconds, pids)), time.monotonic()
    connection = HTTPConnection("127.0.0.1", server.port, timeout=600)
    connection.request("GET", path)
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    rows, first_byte = 0, 0.0
    with target.open("wb") as file:
        while piece := answer.read1(1 << 16):
            first_byte = first_byte or time.monotonic() - began
            rows += piece.count(b"\n")
            file.write(piece)
    wall = time.monotonic() - began
    taken = sum(map(processor_seconds, pids)) - spent
    grown = (memory(server.pid, "VmHWM") - before) / 1024
    connection.close()
    return Taken(rows, taken, wall, first_byte, grown)


def finish(database: str, server: Server) -> None:
    """Have the whole table of the latest year as a file, and wait until the server sends that."""
    facts = environment(DATABASE_URL=database, DJANGO_SETTINGS_MODULE="dxportal.settings", STATEMENT_TIMEOUT="0")
    subprocess.run([PORTAL, "-m", "bench.finished", FINISHED], cwd=ROOT, env=facts, check=True)
    give_up = time.monotonic() + PATIENCE
    while "ETag" not in head(server, FINISHED):
        if time.monotonic() > give_up:
            raise RuntimeError(f"{FINISHED} is not sent as a finished file.")
        time.sleep(0.1)


def head(server: Server, path: str) -> Message:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    connection.request("HEAD", path)
    answer = connection.getresponse()
    connection.close()
    return answer.headers


def copied(url: str, postgresql: int, condition: str = "") -> Taken:
    statement = " ".join(STATEMENT.format(condition).split())
    return spent_by(
        ["psql", "-XAtq", "-c", f"\\copy ({statement}) TO STDOUT WITH (FORMAT csv, HEADER)", url], postgresql
    )


def shell(url: str) -> Taken:
    file = url.removeprefix("sqlite:///")
    return spent_by(["sqlite3", "-header", "-csv", file, STATEMENT.format("")])


def spent_by(command: list[str], *servers_too: int) -> Taken:
    """Run a program that writes lines; its own processor seconds and those of servers that worked for it."""
    target = KEPT / "written.csv"
    spent, began = sum(map(processor_seconds, servers_too)), time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with target.open("wb") as out:
        subprocess.run(command, stdout=out, check=True, env=environment())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    wall = time.monotonic() - began
    rows = target.read_bytes().count(b"\n")
    return Taken(rows, own + sum(map(processor_seconds, servers_too)) - spent, wall)


def openpyxl_alone() -> Taken:
    """The rows of the table as a workbook, by openpyxl in its write-only mode."""
    script = BENCH / "anchors" / "sheet.py"
    command: list[str | Path] = [ANCHORS / "python", script, TABLE, KEPT / "alone.xlsx"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    rows, seconds = done.stdout.split()
    return Taken(int(rows), float(seconds), float(seconds))
