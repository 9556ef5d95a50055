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
from bench.databases import SIZE, SMALL
from bench.measurement import GroupResults, Ratio
from bench.page_kinds import PATH_BY_KIND
from bench.workspace import PORTAL, ROOT, clean_environment

ROUNDS = 15
TIMEOUT = 20.0  # seconds by the clock; a page that takes longer is given up
RENDER_ONCE_ABOVE = 3.0  # seconds of the processor; a page that takes longer is rendered once

# The plan has amounts of one year, of which the comparison shows neither a row nor a form; so it is measured against a
# generated catalogue of 1,000 lines, whose page shows as many rows as that of 1,000,000.
BASE_BY_KIND = {"comparison": "small"}

Pair = tuple[dict[str, Any], dict[str, Any]]


class Renderer:
    """A child process that renders pages of one database, one path per line."""

    def __init__(self, requests: IO[str], responses: IO[str]) -> None:
        self.requests, self.responses = requests, responses

    def render(self, path: str) -> dict[str, Any]:
        """Render a page; return CPU milliseconds (`ms`), `queries`, and whether it was `given_up`."""
        print(path, file=self.requests, flush=True)
        answer = self.responses.readline()
        if not answer:
            raise RuntimeError(f"The renderer ended at {path}.")
        figures: dict[str, Any] = json.loads(answer)
        return figures


@contextmanager
def run_renderer(database: str) -> Iterator[Renderer]:
    variables = clean_environment(DATABASE_URL=database, DJANGO_SETTINGS_MODULE="dxportal.settings")
    command: list[str | Path] = [PORTAL, "-m", "bench.render_pages", str(TIMEOUT)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=variables, text=True, stdin=pipe, stdout=pipe) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("There are no pipes.")
        yield Renderer(process.stdin, process.stdout)
        process.stdin.close()


def measure() -> GroupResults:
    pairs_by_page: dict[str, list[Pair]] = {}
    for engine, database_urls in {"SQLite": databases.sqlite_urls, "PostgreSQL": databases.postgresql_urls}.items():
        with database_urls("plan", "small", "generated") as urls, ExitStack() as stack:
            plan, small, large = (stack.enter_context(run_renderer(url)) for url in urls)
            bases = {"plan": plan, "small": small}
            pairs_by_page |= {
                f"{engine}: {name}": render_in_turns(path, bases[BASE_BY_KIND.get(name, "plan")], large)
                for name, path in PATH_BY_KIND.items()
            }
    ratios = [time_ratio(name, pairs) for name, pairs in pairs_by_page.items()]
    pages_with_more_queries = [
        name for name, pairs in pairs_by_page.items() if pairs[-1][1]["queries"] > pairs[-1][0]["queries"]
    ]
    queries = [
        large["queries"] / max(1, small["queries"]) for pairs in pairs_by_page.values() for small, large in pairs
    ]
    ratios.append(
        Ratio.of("queries, the worst page", [max(queries)], "、".join(pages_with_more_queries), "growth: queries")
    )
    about = f"With {SIZE['--lines']} generated lines against the plan alone, the comparison against {SMALL['--lines']}."
    return GroupResults("growth", "Growth", ratios, about)


def render_in_turns(path: str, small: Renderer, large: Renderer) -> list[Pair]:
    """Render a page on both sides in turns and return the figures of each round, or of one round if it is very slow."""
    pairs = []
    for _ in range(ROUNDS + 1):
        pairs.append((small.render(path), large.render(path)))
        if pairs[-1][1]["given_up"] or pairs[-1][1]["ms"] > 1000 * RENDER_ONCE_ABOVE:
            return pairs[-1:]
    return pairs[1:]  # the first was to warm up


def time_ratio(name: str, pairs: list[Pair]) -> Ratio:
    before, after = (median(pair[side]["ms"] for pair in pairs) for side in (0, 1))
    given_up = f", given up after {TIMEOUT:g} s" if pairs[-1][1]["given_up"] else ""
    measured = f"{before:.0f} → {after:.0f} ms{given_up}, {pairs[-1][0]['queries']} → {pairs[-1][1]['queries']} queries"
    return Ratio.of(name, [large["ms"] / small["ms"] for small, large in pairs], measured, "growth: time")
