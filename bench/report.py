"""What was measured: on the terminal, and in docs/benchmarks.md section by section."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from bench.databases import SCALE
from bench.places import ANCHORS, BENCH, PORTAL, ROOT
from bench.rounds import Ratio, Results

FILE = ROOT / "docs" / "benchmarks.md"
HEADING = re.compile(r"^## ", re.MULTILINE)


def printed(results: Results) -> str:
    """The table of a group for the terminal."""
    width = max(len(one.name) for one in results.ratios)
    lines = [
        f"\n■ {results.title}（{results.about}）",
        f"{'':{width}}  {'min':>9} {'median':>9} {'max':>9}  {'bound':>8}",
    ]
    for one in results.ratios:
        bound = f"{one.bound!s:>8}" if one.bound else f"{'':>8}"
        said = "" if one.holds else "  ✗"
        figures = f"{short(min(one.values)):>9} {short(one.median):>9} {short(max(one.values)):>9}"
        lines.append(f"{one.name:{width}}  {figures}  {bound}  {one.measured}{said}")
    return "\n".join(lines)


def short(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def row(one: Ratio) -> str:
    figures = " | ".join(short(value) for value in (min(one.values), one.median, max(one.values)))
    bound = "" if one.bound is None else f"{one.bound}{'' if one.holds else ' **missed**'}"
    return f"| {one.name} | {figures} | {bound} | {one.measured} |"


def section(results: Results) -> str:
    head = "| | min | median | max | bound | at the median |\n|---|---:|---:|---:|---|---|"
    rows = "\n".join(map(row, results.ratios))
    beside = f"\n\n{results.beside}" if results.beside else ""
    about = f"{results.about} " if results.about else ""
    return f"## {results.title}\n\n{about}Measured on {circumstances()}\n\n{head}\n{rows}{beside}\n"


def circumstances() -> str:
    day = datetime.now(UTC).date()
    machine = f"{os.cpu_count()} cores ({processor()}, {platform.machine()}), load {os.getloadavg()[0]:.1f}"
    size = "" if SCALE == 1 else f" The generated catalogue was {SCALE} times smaller than it should be."
    return f"{day}, commit {commit()}, {machine}.{size}"


def commit() -> str:
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def processor() -> str:
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else "unknown"


def versions() -> str:
    """Of Python and Django, of the programs, and of what is in the virtual environment of the others."""
    programs = [["nginx", "-v"], ["psql", "--version"], ["sqlite3", "--version"], ["wrk", "-v"]]
    django = frozen(PORTAL, "django", "granian")
    anchors = frozen(ANCHORS / "python", "datasette", "openpyxl", "wagtail", "whitenoise")
    return ", ".join([f"Python {platform.python_version()}", *django, *map(version, programs), *anchors])


def frozen(python: Path, *names: str) -> list[str]:
    code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    done = subprocess.run([python, "-c", code, *names], capture_output=True, text=True, check=True)
    return [f"{name} {number}" for name, number in zip(names, done.stdout.split(), strict=True)]


def version(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return f"{command[0]} {found[0] if found else ''}".strip()


def write(all_results: list[Results]) -> None:
    """Put the sections of what was measured in place of the old ones; the others stay as they are."""
    old = FILE.read_text() if FILE.exists() else ""
    kept = {part.split("\n", 1)[0]: f"## {part}" for part in HEADING.split(old)[1:]}
    kept |= {results.title: section(results) for results in all_results}
    last = (BENCH / "before.md").read_text()
    kept.pop(last.removeprefix("## ").split("\n", 1)[0], None)
    head = (BENCH / "preface.md").read_text().replace("VERSIONS", versions())
    order = sorted(kept.values(), key=lambda text: text)
    FILE.write_text("\n".join([head, *(part.rstrip() + "\n" for part in order), last]))
