"""Cold pages: each page kind rendered without the page cache, against a Wagtail page of similar size, with profiles."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack
from functools import partial
from statistics import median

from bench import databases, servers
from bench.http_load import PageRequest, Rate, fetch, measure_sequence
from bench.measurement import GroupResults, Ratio, run_rounds
from bench.page_kinds import PATH_BY_KIND
from bench.workspace import PORTAL, ROOT, clean_environment

PROFILED_KINDS = ("home", "budgets in groups")
ROUNDS = 5
REQUESTS_PER_ROUND = 12  # one after another, in each round
WARM_UP_REQUESTS = 48  # so that each thread has a connection to the database and compiled templates


def measure() -> GroupResults:
    with ExitStack() as stack:
        database = databases.sqlite_url("plan")
        portal = stack.enter_context(servers.run_portal("portal", database, PAGE_MEMORY="0"))
        wagtail = stack.enter_context(servers.run_wagtail())
        portal_pages = {
            name: PageRequest(portal, path, status=404 if name == "not found" else 200)
            for name, path in PATH_BY_KIND.items()
        }
        wagtail_pages = {size: PageRequest(wagtail, f"/page-{size}/") for size in servers.SIZES}
        sizes = {name: len(fetch(page)[0]) for name, page in portal_pages.items()}
        measure_sequence(portal_pages["strategy"], WARM_UP_REQUESTS)
        measure_sequence(wagtail_pages[servers.SIZES[0]], WARM_UP_REQUESTS)
        turns = {**portal_pages, **{str(size): page for size, page in wagtail_pages.items()}}
        for page in turns.values():
            measure_sequence(page, 2)
        rates = run_rounds(
            {name: partial(measure_sequence, page, REQUESTS_PER_ROUND) for name, page in turns.items()}, ROUNDS
        )
    kinds = [kind_ratio(name, sizes[name], rates) for name in PATH_BY_KIND]
    ratios = [*kinds, median_ratio(kinds)]
    profiles = "\n\n".join(profile_page(name, PATH_BY_KIND[name], database) for name in PROFILED_KINDS)
    return GroupResults(
        "cold", "Pages rendered afresh", ratios, "Against Wagtail's default page of like size.", profiles
    )


def kind_ratio(name: str, size: int, rates: dict[str, list[Rate]]) -> Ratio:
    wagtail_size = min(servers.SIZES, key=lambda kilobytes: abs(kilobytes * 1024 - size))
    portal_rates, wagtail_rates = rates[name], rates[str(wagtail_size)]
    portal, wagtail = format_milliseconds(portal_rates), format_milliseconds(wagtail_rates)
    measured = f"{portal}, {size / 1024:.0f} KB; Wagtail {wagtail}, {wagtail_size} KB"
    values = [
        rate.processor / wagtail_rate.processor for rate, wagtail_rate in zip(portal_rates, wagtail_rates, strict=True)
    ]
    return Ratio.of(name, values, measured, "cold: each kind")


def median_ratio(kinds: list[Ratio]) -> Ratio:
    """Return the ratio whose value in each round is the median over all page kinds."""
    values = [median(of_round) for of_round in zip(*(kind.values for kind in kinds), strict=True)]
    return Ratio.of("median of all kinds", values, "", "cold: median of all kinds")


def format_milliseconds(rates: list[Rate]) -> str:
    return f"{1000 * median(1 / rate.processor for rate in rates):.1f} ms"


def profile_page(name: str, path: str, database: str) -> str:
    """Return the profile of a page as a section in Markdown."""
    done = subprocess.run(
        [PORTAL, "-m", "bench.profile_page", path],
        cwd=ROOT,
        env=clean_environment(DATABASE_URL=database, DJANGO_SETTINGS_MODULE="dxportal.settings"),
        capture_output=True,
        text=True,
        check=True,
    )
    return f"### Profile: {name} (`{path}`)\n\n```\n{done.stdout.strip()}\n```"
