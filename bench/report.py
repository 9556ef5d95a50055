"""Report of the measurements: tables on the terminal, and sections of docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from bench.databases import SCALE
from bench.measurement import GroupResults, Ratio
from bench.workspace import BASELINES_BIN, BENCH_DIR, PORTAL, ROOT

REPORT_FILE = ROOT / "docs" / "benchmarks.md"
HEADING = re.compile(r"^## ", re.MULTILINE)


def format_table(results: GroupResults) -> str:
    """Format the table of a group for the terminal."""
    width = max(len(ratio.name) for ratio in results.ratios)
    lines = [
        f"\n■ {results.title}（{results.description}）",
        f"{'':{width}}  {'min':>9} {'median':>9} {'max':>9}  {'bound':>8}",
    ]
    for ratio in results.ratios:
        bound = f"{ratio.bound!s:>8}" if ratio.bound else f"{'':>8}"
        mark = "" if ratio.holds else "  ✗"
        least, middle, most = map(format_number, (min(ratio.values), ratio.median, max(ratio.values)))
        figures = f"{least:>9} {middle:>9} {most:>9}"
        lines.append(f"{ratio.name:{width}}  {figures}  {bound}  {ratio.measured}{mark}")
    return "\n".join(lines)


def format_number(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def format_row(ratio: Ratio) -> str:
    figures = " | ".join(format_number(value) for value in (min(ratio.values), ratio.median, max(ratio.values)))
    bound = "" if ratio.bound is None else f"{ratio.bound}{'' if ratio.holds else ' **missed**'}"
    return f"| {ratio.name} | {figures} | {bound} | {ratio.measured} |"


def format_section(results: GroupResults) -> str:
    head = "| | min | median | max | bound | at the median |\n|---|---:|---:|---:|---|---|"
    rows = "\n".join(map(format_row, results.ratios))
    details = f"\n\n{results.details}" if results.details else ""
    description = f"{results.description} " if results.description else ""
    return f"## {results.title}\n\n{description}Measured on {describe_run()}\n\n{head}\n{rows}{details}\n"


def describe_run() -> str:
    day = datetime.now(UTC).date()
    machine = f"{os.cpu_count()} cores ({cpu_model()}, {platform.machine()}), load {os.getloadavg()[0]:.1f}"
    size = "" if SCALE == 1 else f" The generated catalogue was {SCALE} times smaller than it should be."
    return f"{day}, commit {current_commit()}, {machine}.{size}"


def current_commit() -> str:
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def cpu_model() -> str:
    match = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return match[1] if match else "unknown"


def describe_versions() -> str:
    """List the versions of Python, Django, the programs, and the packages in the baselines' virtual environment."""
    programs = [["nginx", "-v"], ["psql", "--version"], ["sqlite3", "--version"], ["wrk", "-v"]]
    django = package_versions(PORTAL, "django", "granian")
    baselines = package_versions(BASELINES_BIN / "python", "datasette", "openpyxl", "wagtail", "whitenoise")
    return ", ".join([f"Python {platform.python_version()}", *django, *map(program_version, programs), *baselines])


def package_versions(python: Path, *names: str) -> list[str]:
    code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    done = subprocess.run([python, "-c", code, *names], capture_output=True, text=True, check=True)
    return [f"{name} {number}" for name, number in zip(names, done.stdout.split(), strict=True)]


def program_version(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    match = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return f"{command[0]} {match[0] if match else ''}".strip()


def write_report(all_results: list[GroupResults]) -> None:
    """Replace the sections of the measured groups in docs/benchmarks.md; the others stay."""
    old = REPORT_FILE.read_text() if REPORT_FILE.exists() else ""
    sections = {part.split("\n", 1)[0]: f"## {part}" for part in HEADING.split(old)[1:]}
    sections |= {results.title: format_section(results) for results in all_results}
    last = (BENCH_DIR / "before.md").read_text()
    sections.pop(last.removeprefix("## ").split("\n", 1)[0], None)
    head = (BENCH_DIR / "preface.md").read_text().replace("VERSIONS", describe_versions())
    order = sorted(sections.values(), key=lambda text: text)
    REPORT_FILE.write_text("\n".join([head, *(part.rstrip() + "\n" for part in order), last]))
