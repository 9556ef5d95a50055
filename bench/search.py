"""Search: the first page among 1,000,000 entries, in process, and whether all is found that a plain LIKE finds."""

from __future__ import annotations

import json
import subprocess
from contextlib import ExitStack
from functools import partial
from statistics import median, quantiles
from urllib.parse import unquote_plus

from bench import databases
from bench.places import PORTAL, ROOT, environment
from bench.rounds import Ratio, Results, rounds

ROUNDS = 3
COMPARED: dict[str, dict[str, float]] = {}  # of each engine `recall` and `precision`


def compare(engine: str, url: str) -> None:
    """Whether all is found that a plain LIKE finds, to be told with the rest."""
    COMPARED[engine] = searched("compare", url)


def measure() -> Results:
    with ExitStack() as stack:
        engines = {
            "PostgreSQL": stack.enter_context(databases.postgresql("entries"))[0],
            "SQLite": databases.sqlite("entries"),
        }
        found = rounds({name: partial(searched, "time", url) for name, url in engines.items()}, ROUNDS)
    ratios = [ratio for name, measured in found.items() for ratio in of_engine(name, measured, COMPARED[name])]
    return Results(
        "search", "Search", ratios, f"The first page among {databases.ENTRIES:,} entries, whole, in process."
    )


def of_engine(name: str, measured: list[dict[str, float]], compared: dict[str, float]) -> list[Ratio]:
    times = [list(one.values()) for one in measured]
    slowest = max(measured[0], key=lambda query: min(one[query] for one in measured))
    late = [quantiles(some, n=20)[-1] for some in times]
    asked = f"{len(times[0])} queries, each once; slowest: {unquote_plus(slowest)}"
    return [
        Ratio.of(f"{name}: 95th percentile, ms", late, asked, "search: 95th percentile, ms"),
        Ratio.of(f"{name}: median, ms", [median(some) for some in times]),
        Ratio.of(f"{name}: recall", [compared["recall"]], bound="search: recall"),
        Ratio.of(f"{name}: precision", [compared["precision"]], bound="search: precision"),
    ]


def searched(what: str, url: str) -> dict[str, float]:
    """What bench/searching.py tells of a database."""
    done = subprocess.run(
        [PORTAL, "-m", "bench.searching", what],
        cwd=ROOT,
        env=environment(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="dxportal.settings", STATEMENT_TIMEOUT="0"),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found
