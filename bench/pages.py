"""Published pages: the same page from the portal's memory and from whatever else would serve it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from statistics import median

from bench import databases, servers
from bench.load import Asked, Rate, look, rate, sequence
from bench.rounds import Ratio, Results, rounds

PAGE = "/strategy/"  # the page of the plan that is nearest to 40 KB
ROUNDS, ROUNDS_OF_NEAREST = 4, 18  # with those that the portal is nearest to: nginx, and itself with a 304
SECONDS = 1
CONNECTIONS = 64  # always some that wait: a server that has to fall asleep between two costs more
SLOW = ("Wagtail", "Datasette")  # asked one by one: in a second some connections would get no answer
FEW = 10
# As little as a WSGI application can do; and WhiteNoise in Django, and alone, which is not how Django sites have it.
FROM_FOLDER = {
    "a dictionary under granian": "dictionary",
    "WhiteNoise": "whitenoise_django",
    "WhiteNoise without Django": "whitenoise_app",
}
GZIP = (("Accept-Encoding", "gzip"),)


def measure() -> Results:
    with ExitStack() as stack:
        database = databases.sqlite("plan")
        portal = stack.enter_context(servers.portal("portal", database))
        page = Asked(portal, PAGE, GZIP)
        body, _ = look(Asked(portal, PAGE))
        compressed, headers = look(page)
        rows = json.loads(look(Asked(portal, "/budgets.json?year=2021"))[0])["rows"]
        root = servers.static_files(body)
        nearest = {
            "portal": page,
            "nginx": Asked(stack.enter_context(servers.nginx(root)), "/index.html", GZIP),
            "304": Asked(portal, PAGE, (*GZIP, ("If-None-Match", headers["etag"])), status=304),
        }
        others = {
            "portal": page,
            **{
                name: Asked(stack.enter_context(servers.from_folder(name, module, root)), "/index.html", GZIP)
                for name, module in FROM_FOLDER.items()
            },
            "Wagtail": Asked(stack.enter_context(servers.wagtail()), "/page-32/", GZIP),
            "Datasette": Asked(stack.enter_context(servers.datasette(rows)), "/budgets/lines", GZIP),
        }
        asked = nearest | others
        sizes = {name: len(look(one)[0]) for name, one in asked.items()}
        compressed_alike = ("nginx", *FROM_FOLDER)
        if any(sizes[name] != len(compressed) for name in compressed_alike):
            raise RuntimeError(f"Not the same page: {sizes}")
        rounds(turns(asked), 1)  # to warm up
        near, far = rounds(turns(nearest), ROUNDS_OF_NEAREST), rounds(turns(others), ROUNDS)
    ratios = [
        ratio("nginx", near["portal"], near["nginx"]),
        *(ratio(name, far["portal"], far[name]) for name in others if name != "portal"),
        ratio("304 and 200", near["304"], near["portal"]),
    ]
    return Results(
        "pages",
        "Published pages",
        ratios,
        f"{PAGE}, {len(body):,} bytes, {len(compressed):,} in gzip, {CONNECTIONS} connections.",
        table(far | near, sizes),
    )


def turns(asked: dict[str, Asked]) -> dict[str, Callable[[], Rate]]:
    return {
        name: partial(sequence, one, FEW) if name in SLOW else partial(rate, one, SECONDS, CONNECTIONS)
        for name, one in asked.items()
    }


def ratio(name: str, own: list[Rate], others: list[Rate]) -> Ratio:
    pairs = list(zip(own, others, strict=True))
    wall = median(one.wall / other.wall for one, other in pairs)
    return Ratio.of(
        name, [one.processor / other.processor for one, other in pairs], f"by the clock {wall:.3g}", f"pages: {name}"
    )


def table(found: dict[str, list[Rate]], sizes: dict[str, int]) -> str:
    rows = [
        f"| {name} | {median(one.processor for one in rates):,.0f} | {median(one.wall for one in rates):,.0f} "
        f"| {sizes[name]:,} |"
        for name, rates in found.items()
    ]
    head = "| answers, median | for a second of the server's processor | a second by the clock | bytes sent |"
    return "\n".join([head, "|---|---:|---:|---:|", *rows])
