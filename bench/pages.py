"""Published pages: a page from the portal's page cache, and the same page from other servers."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from statistics import median

from bench import databases, servers
from bench.http_load import PageRequest, Rate, fetch, measure_rate, measure_sequence
from bench.measurement import GroupResults, Ratio, run_rounds

PAGE = "/strategy/"  # of the plan's pages the one nearest to 40 KB
ROUNDS, ROUNDS_OF_CLOSE = 4, 18  # against nginx and a 304, where the ratio is near 1
SECONDS = 1
CONNECTIONS = 64  # more than cores, so that no server idles between two requests
SLOW_SERVERS = (
    "Wagtail",
    "Datasette",
)  # requested one after another: in a second, some connections would get no answer
SLOW_REQUESTS = 10
# The least that a WSGI application can do; WhiteNoise inside Django, as sites use it, and without Django.
BASELINE_MODULES = {
    "a dictionary under granian": "dictionary",
    "WhiteNoise": "whitenoise_django",
    "WhiteNoise without Django": "whitenoise_app",
}
GZIP = (("Accept-Encoding", "gzip"),)


def measure() -> GroupResults:
    with ExitStack() as stack:
        database = databases.sqlite_url("plan")
        portal = stack.enter_context(servers.run_portal("portal", database))
        page = PageRequest(portal, PAGE, GZIP)
        body, _ = fetch(PageRequest(portal, PAGE))
        compressed, headers = fetch(page)
        rows = json.loads(fetch(PageRequest(portal, "/budgets.json?year=2021"))[0])["rows"]
        root = servers.write_static_files(body)
        close_pages = {
            "portal": page,
            "nginx": PageRequest(stack.enter_context(servers.run_nginx(root)), "/index.html", GZIP),
            "304": PageRequest(portal, PAGE, (*GZIP, ("If-None-Match", headers["etag"])), status=304),
        }
        baseline_pages = {
            "portal": page,
            **{
                name: PageRequest(stack.enter_context(servers.run_baseline(name, module, root)), "/index.html", GZIP)
                for name, module in BASELINE_MODULES.items()
            },
            "Wagtail": PageRequest(stack.enter_context(servers.run_wagtail()), "/page-32/", GZIP),
            "Datasette": PageRequest(stack.enter_context(servers.run_datasette(rows)), "/budgets/lines", GZIP),
        }
        all_pages = close_pages | baseline_pages
        sizes = {name: len(fetch(page)[0]) for name, page in all_pages.items()}
        compressed_alike = ("nginx", *BASELINE_MODULES)
        if any(sizes[name] != len(compressed) for name in compressed_alike):
            raise RuntimeError(f"Not the same page: {sizes}")
        run_rounds(make_turns(all_pages), 1)  # to warm up
        close_rates, baseline_rates = (
            run_rounds(make_turns(close_pages), ROUNDS_OF_CLOSE),
            run_rounds(make_turns(baseline_pages), ROUNDS),
        )
    ratios = [
        compare_rates("nginx", close_rates["portal"], close_rates["nginx"]),
        *(
            compare_rates(name, baseline_rates["portal"], baseline_rates[name])
            for name in baseline_pages
            if name != "portal"
        ),
        compare_rates("304 and 200", close_rates["304"], close_rates["portal"]),
    ]
    return GroupResults(
        "pages",
        "Published pages",
        ratios,
        f"{PAGE}, {len(body):,} bytes, {len(compressed):,} in gzip, {CONNECTIONS} connections.",
        format_rates(baseline_rates | close_rates, sizes),
    )


def make_turns(pages: dict[str, PageRequest]) -> dict[str, Callable[[], Rate]]:
    return {
        name: partial(measure_sequence, page, SLOW_REQUESTS)
        if name in SLOW_SERVERS
        else partial(measure_rate, page, SECONDS, CONNECTIONS)
        for name, page in pages.items()
    }


def compare_rates(name: str, portal_rates: list[Rate], baseline_rates: list[Rate]) -> Ratio:
    pairs = list(zip(portal_rates, baseline_rates, strict=True))
    wall = median(portal.wall / baseline.wall for portal, baseline in pairs)
    return Ratio.of(
        name,
        [portal.processor / baseline.processor for portal, baseline in pairs],
        f"by the clock {wall:.3g}",
        f"pages: {name}",
    )


def format_rates(rates_by_server: dict[str, list[Rate]], sizes: dict[str, int]) -> str:
    rows = [
        f"| {name} | {median(rate.processor for rate in rates):,.0f} | {median(rate.wall for rate in rates):,.0f} "
        f"| {sizes[name]:,} |"
        for name, rates in rates_by_server.items()
    ]
    head = "| answers, median | for a second of the server's processor | a second by the clock | bytes sent |"
    return "\n".join([head, "|---|---:|---:|---:|", *rows])
