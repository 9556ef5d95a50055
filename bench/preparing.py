"""All that has to be there before anything is measured, made side by side: databases, Wagtail's site, and what searches
find, for which nothing is timed.
"""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from bench import databases, search, servers

# Which databases the groups are measured with, of SQLite and of both.
OF_SQLITE = {"pages": ("plan",), "cold": ("plan",)}
OF_BOTH = {
    "exports": ("generated",),
    "growth": ("plan", "generated"),
    "search": ("entries",),
    "writes": ("plan", "generated"),
}
BESIDE_WAGTAIL = {"pages", "cold"}


def prepare(groups: Collection[str]) -> None:
    """Make what these groups need and is not there yet."""
    of_both = {kind for group in groups for kind in OF_BOTH.get(group, ())}
    for kind in ("plan", *(kind for group in groups for kind in OF_SQLITE.get(group, ()))):
        databases.sqlite(kind)  # the others begin as copies of the plan
    with ThreadPoolExecutor() as pool:
        beside = [pool.submit(servers.site_of_wagtail)] if BESIDE_WAGTAIL & set(groups) else []
        if of_both:
            with databases.server() as (address, _), ThreadPoolExecutor() as kinds:
                list(kinds.map(partial(ready, address), of_both))
        for one in beside:
            one.result()


def ready(address: str, kind: str) -> None:
    """Make the databases of a kind. Of the entries it is compared right away what is found in them."""
    engines = {"SQLite": partial(databases.sqlite, kind), "PostgreSQL": partial(databases.made, address, kind)}
    for engine, made in engines.items():
        url = made()
        if kind == "entries":
            search.compare(engine, url)
