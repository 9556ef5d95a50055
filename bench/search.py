"""Search: the first page of results among 1,000,000 documents, in process, and its recall against LIKE."""

from __future__ import annotations

import json
import subprocess
from contextlib import ExitStack
from functools import partial
from statistics import median, quantiles
from urllib.parse import unquote_plus

from bench import databases
from bench.measurement import GroupResults, Ratio, run_rounds
from bench.workspace import PORTAL, ROOT, clean_environment

ROUNDS = 3
QUALITY: dict[str, dict[str, float]] = {}  # of each engine `recall` and `precision`


def compare_with_like(engine: str, url: str) -> None:
    """Compare the hits with those of LIKE, and note recall and precision for the report."""
    QUALITY[engine] = run_searches("compare", url)


def measure() -> GroupResults:
    with ExitStack() as stack:
        engines = {
            "PostgreSQL": stack.enter_context(databases.postgresql_url("entries"))[0],
            "SQLite": databases.sqlite_url("entries"),
        }
        timings = run_rounds({name: partial(run_searches, "time", url) for name, url in engines.items()}, ROUNDS)
    ratios = [ratio for name, measured in timings.items() for ratio in engine_ratios(name, measured, QUALITY[name])]
    return GroupResults(
        "search", "Search", ratios, f"The first page among {databases.ENTRIES:,} entries, whole, in process."
    )


def engine_ratios(name: str, measured: list[dict[str, float]], quality: dict[str, float]) -> list[Ratio]:
    times = [list(seconds.values()) for seconds in measured]
    slowest = max(measured[0], key=lambda query: min(seconds[query] for seconds in measured))
    percentiles = [quantiles(round_times, n=20)[-1] for round_times in times]
    description = f"{len(times[0])} queries, each once; slowest: {unquote_plus(slowest)}"
    return [
        Ratio.of(f"{name}: 95th percentile, ms", percentiles, description, "search: 95th percentile, ms"),
        Ratio.of(f"{name}: median, ms", [median(round_times) for round_times in times]),
        Ratio.of(f"{name}: recall", [quality["recall"]], bound="search: recall"),
        Ratio.of(f"{name}: precision", [quality["precision"]], bound="search: precision"),
    ]


def run_searches(mode: str, url: str) -> dict[str, float]:
    """Run bench/run_searches.py on a database and return its figures."""
    done = subprocess.run(
        [PORTAL, "-m", "bench.run_searches", mode],
        cwd=ROOT,
        env=clean_environment(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="dxportal.settings", STATEMENT_TIMEOUT="0"),
        capture_output=True,
        text=True,
        check=True,
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures
