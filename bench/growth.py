"""Growth: each page kind rendered afresh with the plan alone and with the generated catalogue beside it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import IO, Any

from bench import databases
from bench.databases import SIZE
from bench.kinds import KINDS
from bench.places import PORTAL, ROOT, environment
from bench.rounds import Ratio, Results

ROUNDS = 15
UNBEARABLE = 20.0  # seconds by the clock; a page that takes longer is given up
LONG = 3.0  # seconds of the processor; a page that takes longer is rendered once

Pair = tuple[dict[str, Any], dict[str, Any]]


class Renderer:
    """A process that renders pages of one database, asked line by line."""

    def __init__(self, asks: IO[str], answers: IO[str]) -> None:
        self.asks, self.answers = asks, answers

    def render(self, path: str) -> dict[str, Any]:
        """Milliseconds of the processor (`ms`), `queries`, and whether it was `given_up`."""
        print(path, file=self.asks, flush=True)
        answer = self.answers.readline()
        if not answer:
            raise RuntimeError(f"The renderer ended at {path}.")
        found: dict[str, Any] = json.loads(answer)
        return found


@contextmanager
def renderer(database: str) -> Iterator[Renderer]:
    facts = environment(DATABASE_URL=database, DJANGO_SETTINGS_MODULE="dxportal.settings")
    command: list[str | Path] = [PORTAL, "-m", "bench.rendering", str(UNBEARABLE)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=facts, text=True, stdin=pipe, stdout=pipe) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("There are no pipes.")
        yield Renderer(process.stdin, process.stdout)
        process.stdin.close()


def measure() -> Results:
    found: dict[str, list[Pair]] = {}
    for engine, kept in {"SQLite": databases.sqlites, "PostgreSQL": databases.postgresqls}.items():
        with kept("plan", "generated") as urls, ExitStack() as stack:
            small, large = (stack.enter_context(renderer(url)) for url in urls)
            found |= {f"{engine}: {name}": pairs(path, small, large) for name, path in KINDS.items()}
    ratios = [compared(name, some) for name, some in found.items()]
    more = [name for name, some in found.items() if some[-1][1]["queries"] > some[-1][0]["queries"]]
    queries = [large["queries"] / max(1, small["queries"]) for some in found.values() for small, large in some]
    ratios.append(Ratio.of("queries, the worst page", [max(queries)], "、".join(more), "growth: queries"))
    return Results("growth", "Growth", ratios, f"With {SIZE['--lines']} generated lines against the plan alone.")


def pairs(path: str, small: Renderer, large: Renderer) -> list[Pair]:
    """What the page took on both sides, round by round; one round has to do for a page that takes very long."""
    found = []
    for _ in range(ROUNDS + 1):
        found.append((small.render(path), large.render(path)))
        if found[-1][1]["given_up"] or found[-1][1]["ms"] > 1000 * LONG:
            return found[-1:]
    return found[1:]  # the first was to warm up


def compared(name: str, found: list[Pair]) -> Ratio:
    before, after = (median(pair[side]["ms"] for pair in found) for side in (0, 1))
    given_up = f", given up after {UNBEARABLE:g} s" if found[-1][1]["given_up"] else ""
    measured = f"{before:.0f} → {after:.0f} ms{given_up}, {found[-1][0]['queries']} → {found[-1][1]['queries']} queries"
    return Ratio.of(name, [large["ms"] / small["ms"] for small, large in found], measured, "growth: time")
