"""Search: the first page among 1,000,000 entries, in process, and whether all is found that a plain LIKE finds."""

from __future__ import annotations

import json
import subprocess
from contextlib import ExitStack
from statistics import median, quantiles
from typing import Any
from urllib.parse import unquote_plus

from bench import databases
from bench.places import PORTAL, ROOT, environment
from bench.rounds import Ratio, Results

ROUNDS = 5


def measure() -> Results:
    with ExitStack() as stack:
        engines = {
            "PostgreSQL": stack.enter_context(databases.postgresql("entries"))[0],
            "SQLite": databases.sqlite("entries"),
        }
        found: dict[str, list[dict[str, Any]]] = {name: [] for name in engines}
        for number in range(ROUNDS):
            for name, url in engines.items():
                found[name].append(searched(url, compare=number == 0))
    ratios = [ratio for name, measured in found.items() for ratio in of_engine(name, measured)]
    return Results(
        "search", "Search", ratios, f"The first page among {databases.ENTRIES:,} entries, whole, in process."
    )


def of_engine(name: str, measured: list[dict[str, Any]]) -> list[Ratio]:
    times = [list(one["ms"].values()) for one in measured]
    slowest = max(measured[0]["ms"], key=lambda query: min(one["ms"][query] for one in measured))
    late = [quantiles(some, n=20)[-1] for some in times]
    asked = f"{len(times[0])} queries, each once; slowest: {unquote_plus(slowest)}"
    return [
        Ratio.of(f"{name}: 95th percentile, ms", late, asked, "search: 95th percentile, ms"),
        Ratio.of(f"{name}: median, ms", [median(some) for some in times]),
        Ratio.of(f"{name}: recall", [measured[0]["recall"]], bound="search: recall"),
        Ratio.of(f"{name}: precision", [measured[0]["precision"]], bound="search: precision"),
    ]


def searched(url: str, *, compare: bool) -> dict[str, Any]:
    done = subprocess.run(
        [PORTAL, "-m", "bench.searching", *(["compare"] if compare else [])],
        cwd=ROOT,
        env=environment(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="dxportal.settings", STATEMENT_TIMEOUT="0"),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found
