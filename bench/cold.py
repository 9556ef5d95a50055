"""Cold pages: every kind rendered afresh, against Wagtail's default page of like size, and where the time goes."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack
from functools import partial
from statistics import median

from bench import databases, servers
from bench.kinds import KINDS
from bench.load import Asked, Rate, look, sequence
from bench.places import PORTAL, ROOT, environment
from bench.rounds import Ratio, Results, rounds

PROFILED = ("home", "budgets in groups")
ROUNDS = 5
ANSWERS = 12  # one after another, in each round
WARM = 48  # so that each thread has a connection to the database and compiled templates


def measure() -> Results:
    with ExitStack() as stack:
        database = databases.sqlite("plan")
        portal = stack.enter_context(servers.portal("portal", database, PAGE_MEMORY="0"))
        wagtail = stack.enter_context(servers.wagtail())
        asked = {name: Asked(portal, path, status=404 if name == "not found" else 200) for name, path in KINDS.items()}
        theirs = {size: Asked(wagtail, f"/page-{size}/") for size in servers.SIZES}
        sizes = {name: len(look(one)[0]) for name, one in asked.items()}
        sequence(asked["strategy"], WARM)
        sequence(theirs[servers.SIZES[0]], WARM)
        turns = {**asked, **{str(size): one for size, one in theirs.items()}}
        for one in turns.values():
            sequence(one, 2)
        found = rounds({name: partial(sequence, one, ANSWERS) for name, one in turns.items()}, ROUNDS)
    kinds = [compared(name, sizes[name], found) for name in KINDS]
    ratios = [*kinds, middle(kinds)]
    profiles = "\n\n".join(profile(name, KINDS[name], database) for name in PROFILED)
    return Results("cold", "Pages rendered afresh", ratios, "Against Wagtail's default page of like size.", profiles)


def compared(name: str, size: int, found: dict[str, list[Rate]]) -> Ratio:
    like = min(servers.SIZES, key=lambda kilobytes: abs(kilobytes * 1024 - size))
    own, others = found[name], found[str(like)]
    measured = f"{milliseconds(own)}, {size / 1024:.0f} KB; Wagtail {milliseconds(others)}, {like} KB"
    values = [one.processor / other.processor for one, other in zip(own, others, strict=True)]
    return Ratio.of(name, values, measured, "cold: each kind")


def middle(kinds: list[Ratio]) -> Ratio:
    """The median of all kinds, round by round."""
    values = [median(each) for each in zip(*(one.values for one in kinds), strict=True)]
    return Ratio.of("median of all kinds", values, "", "cold: median of all kinds")


def milliseconds(rates: list[Rate]) -> str:
    return f"{1000 * median(1 / one.processor for one in rates):.1f} ms"


def profile(name: str, path: str, database: str) -> str:
    """Which functions a page of the kind spends its time in."""
    done = subprocess.run(
        [PORTAL, "-m", "bench.profiled", path],
        cwd=ROOT,
        env=environment(DATABASE_URL=database, DJANGO_SETTINGS_MODULE="dxportal.settings"),
        capture_output=True,
        text=True,
        check=True,
    )
    return f"### Profile: {name} (`{path}`)\n\n```\n{done.stdout.strip()}\n```"
