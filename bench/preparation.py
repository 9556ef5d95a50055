"""Parallel preparation of all that measuring needs: databases, Wagtail's site, recall and precision of the search."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from bench import databases, search, servers

# Kinds of databases that each group needs, on SQLite alone and on both engines.
SQLITE_KINDS = {"pages": ("plan",), "cold": ("plan",)}
BOTH_ENGINES_KINDS = {
    "exports": ("generated",),
    "growth": ("plan", "small", "generated"),
    "search": ("entries",),
    "writes": ("plan", "generated"),
}
WAGTAIL_GROUPS = {"pages", "cold"}


def prepare(groups: Collection[str]) -> None:
    """Create what these groups need and is missing."""
    kinds = {kind for group in groups for kind in BOTH_ENGINES_KINDS.get(group, ())}
    for kind in ("plan", *(kind for group in groups for kind in SQLITE_KINDS.get(group, ()))):
        databases.sqlite_url(kind)  # the others begin as copies of the plan
    with ThreadPoolExecutor() as pool:
        site_jobs = [pool.submit(servers.ensure_wagtail_site)] if WAGTAIL_GROUPS & set(groups) else []
        if kinds:
            with databases.run_postgresql() as (address, _), ThreadPoolExecutor() as kind_pool:
                list(kind_pool.map(partial(prepare_kind, address), kinds))
        for job in site_jobs:
            job.result()


def prepare_kind(address: str, kind: str) -> None:
    """Create the databases of a kind on both engines; for search documents also compare the hits with LIKE."""
    engines = {
        "SQLite": partial(databases.sqlite_url, kind),
        "PostgreSQL": partial(databases.ensure_database, address, kind),
    }
    for engine, made in engines.items():
        url = made()
        if kind == "entries":
            search.compare_with_like(engine, url)
