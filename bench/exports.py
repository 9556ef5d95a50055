"""Exports: all budget rows as CSV, against the databases' own clients; those of a year as Excel, against openpyxl."""

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
from bench.measurement import GroupResults, Ratio, run_rounds
from bench.processes import Server, cpu_seconds, memory_kilobytes, reset_memory_peaks
from bench.workspace import BASELINES_BIN, BENCH_DIR, PORTAL, ROOT, WORK_DIR, clean_environment

CSV = "/budgets.csv?year=all&measure=all"
XLSX = "/budgets.xlsx?year=2021"
PREBUILT_CSV = "/budgets.csv"  # of the initial budget of the latest year, which is 2021
CSV_FILE = WORK_DIR / "budgets.csv"
ROUNDS = 2
TIMEOUT = 30  # seconds
# The same rows in the same order, each with the same columns.
STATEMENT = """
SELECT r.fiscal_year, p.code, p.name, t.name, d.code, d.name, s.name, s.role, r.kind,
       CASE WHEN r.kind = 'expenditure' THEN r.amount_thousand_yen END,
       CASE WHEN r.kind = 'lending_limit' THEN r.amount_thousand_yen END,
       CASE WHEN r.amount_thousand_yen IS NULL THEN 'not_stated' WHEN r.amount_thousand_yen = 0 THEN 'zero'
            ELSE 'stated' END,
       NULL, c.label, r.page, NULL, 'http://127.0.0.1:8000/projects/' || p.code || '/'
FROM budgets_budgetrow r
JOIN projects_project p ON p.id = r.project_id
LEFT JOIN projects_projectpart t ON t.id = r.part_id
JOIN catalog_department d ON d.id = r.department_id
LEFT JOIN budgets_stage s ON s.id = r.stage_id
LEFT JOIN catalog_sourcedocument c ON c.id = r.document_id
WHERE r.{}
ORDER BY r.fiscal_year DESC, r.department_rank, r.project_rank, r.number
"""


@dataclass(frozen=True)
class ExportCost:
    """The cost of an export: rows, CPU seconds of all processes involved, wall-clock seconds, memory in megabytes."""

    rows: int
    processor: float
    wall: float
    first_byte: float = 0
    megabytes: float = 0

    @property
    def microseconds(self) -> float:
        """CPU microseconds per row."""
        return 1e6 * self.processor / self.rows


def measure() -> GroupResults:
    with ExitStack() as stack:
        url, postgresql = stack.enter_context(databases.postgresql_url("generated"))
        file = databases.sqlite_url("generated")
        on_postgresql = stack.enter_context(servers.run_portal("portal", url))
        on_sqlite = stack.enter_context(servers.run_portal("portal", file))
        turns: dict[str, Callable[[], ExportCost]] = {
            "portal, PostgreSQL": partial(download, on_postgresql, CSV, postgresql),
            "psql": partial(export_with_psql, url, postgresql),
            "portal, SQLite": partial(download, on_sqlite, CSV),
            "sqlite3": partial(export_with_sqlite3, file),
        }
        costs = run_rounds(turns, ROUNDS)
        build_prebuilt_file(file, on_sqlite)
        turns = {
            "finished file": partial(download, on_sqlite, PREBUILT_CSV),
            "psql": partial(export_with_psql, url, postgresql, condition="in_initial AND r.fiscal_year = 2021"),
        }
        prebuilt_costs = run_rounds(turns, ROUNDS)
        download(on_sqlite, PREBUILT_CSV, target=CSV_FILE)
        workbook_turns: dict[str, Callable[[], ExportCost]] = {
            "portal": partial(download, on_sqlite, XLSX),
            "openpyxl": export_with_openpyxl,
        }
        workbook_costs = run_rounds(workbook_turns, ROUNDS)
    csv, openpyxl_workbooks = [*costs["portal, PostgreSQL"], *costs["portal, SQLite"]], workbook_costs["openpyxl"]
    portal_workbooks = [
        replace(portal, rows=openpyxl.rows)
        for portal, openpyxl in zip(workbook_costs["portal"], openpyxl_workbooks, strict=True)
    ]
    ratios = [
        compare_costs("CSV, PostgreSQL", costs["portal, PostgreSQL"], costs["psql"], "psql \\copy"),
        compare_costs("CSV, SQLite", costs["portal, SQLite"], costs["sqlite3"], "sqlite3 .mode csv"),
        compare_costs("finished file", prebuilt_costs["finished file"], prebuilt_costs["psql"], "psql \\copy"),
        compare_costs("XLSX", portal_workbooks, openpyxl_workbooks, "openpyxl write-only"),
        plain_ratio("first byte, seconds", [cost.first_byte for cost in csv]),
        plain_ratio("memory, MB", [cost.megabytes for cost in [*csv, *portal_workbooks]]),
    ]
    about = f"{CSV}, {csv[0].rows:,} rows; {XLSX}, {openpyxl_workbooks[0].rows:,} rows."
    return GroupResults("exports", "Exports", ratios, about)


def compare_costs(name: str, portal_costs: list[ExportCost], baseline_costs: list[ExportCost], baseline: str) -> Ratio:
    portal_median, baseline_median = (
        median(cost.microseconds for cost in costs) for costs in (portal_costs, baseline_costs)
    )
    values = [
        portal.microseconds / baseline_cost.microseconds
        for portal, baseline_cost in zip(portal_costs, baseline_costs, strict=True)
    ]
    measured = f"{portal_median:.1f} µs a row, {baseline} {baseline_median:.1f} µs"
    return Ratio.of(name, values, measured, f"exports: {name}")


def plain_ratio(name: str, values: list[float]) -> Ratio:
    return Ratio.of(name, values, bound=f"exports: {name}")


def download(server: Server, path: str, *workers: int, target: Path = Path(os.devnull)) -> ExportCost:
    """Download a file to its end and count its lines as rows."""
    pids = (server.pid, *workers)
    reset_memory_peaks(server.pid)
    before, cpu_before, began = memory_kilobytes(server.pid), sum(map(cpu_seconds, pids)), time.monotonic()
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
    cpu_seconds_taken = sum(map(cpu_seconds, pids)) - cpu_before
    grown = (memory_kilobytes(server.pid, "VmHWM") - before) / 1024
    connection.close()
    return ExportCost(rows, cpu_seconds_taken, wall, first_byte, grown)


def build_prebuilt_file(database: str, server: Server) -> None:
    """Build the prebuilt file of the latest year, and wait until the server sends it."""
    variables = clean_environment(
        DATABASE_URL=database, DJANGO_SETTINGS_MODULE="dxportal.settings", STATEMENT_TIMEOUT="0"
    )
    subprocess.run([PORTAL, "-m", "bench.build_file", PREBUILT_CSV], cwd=ROOT, env=variables, check=True)
    deadline = time.monotonic() + TIMEOUT
    while "ETag" not in fetch_headers(server, PREBUILT_CSV):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{PREBUILT_CSV} is not sent as a finished file.")
        time.sleep(0.1)


def fetch_headers(server: Server, path: str) -> Message:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=TIMEOUT)
    connection.request("HEAD", path)
    answer = connection.getresponse()
    connection.close()
    return answer.headers


def export_with_psql(url: str, postgresql: int, condition: str = "in_all") -> ExportCost:
    statement = " ".join(STATEMENT.format(condition).split())
    return run_exporter(
        ["psql", "-XAtq", "-c", f"\\copy ({statement}) TO STDOUT WITH (FORMAT csv, HEADER)", url], postgresql
    )


def export_with_sqlite3(url: str) -> ExportCost:
    file = url.removeprefix("sqlite:///")
    return run_exporter(["sqlite3", "-header", "-csv", file, STATEMENT.format("in_all")])


def run_exporter(command: list[str], *server_pids: int) -> ExportCost:
    """Run a program that writes lines; count its CPU seconds and those of the servers that worked for it."""
    target = WORK_DIR / "written.csv"
    cpu_before, began = sum(map(cpu_seconds, server_pids)), time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with target.open("wb") as out:
        subprocess.run(command, stdout=out, check=True, env=clean_environment())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    program_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    wall = time.monotonic() - began
    rows = target.read_bytes().count(b"\n")
    return ExportCost(rows, program_seconds + sum(map(cpu_seconds, server_pids)) - cpu_before, wall)


def export_with_openpyxl() -> ExportCost:
    """Write the same rows as a workbook with openpyxl's write-only mode."""
    script = BENCH_DIR / "baselines" / "sheet.py"
    command: list[str | Path] = [BASELINES_BIN / "python", script, CSV_FILE, WORK_DIR / "alone.xlsx"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    rows, seconds = done.stdout.split()
    return ExportCost(int(rows), float(seconds), float(seconds))
