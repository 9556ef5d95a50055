"""Searches in this process: how long the first pages take, and what is found beside what LIKE finds."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import django
from django.http import QueryDict

TIMES = 5
# Words of bench/entries.py, from those in a tenth of the texts to those in ten, and what they are combined to.
WORDS = ("農業", "防災", "すまーと農業", "魁", "薩長同盟", "の", "ないことば")
QUERIES = (*WORDS, "農業 防災", "農業 -防災", '"でじたる人材"', "農業 魁", "防災 すまーと農業 でじたる人材")


def main(compare: bool) -> None:
    django.setup()
    measured: dict[str, Any] = {"ms": {query: [first_page(query) for _ in range(TIMES)][1:] for query in QUERIES}}
    if compare:
        measured |= compared()
    print(json.dumps(measured, ensure_ascii=False))


def first_page(query: str) -> float:
    """Milliseconds of the processor for what the first page shows: results, their number, facets."""
    from dxportal.search.results import Search

    began = spent()
    search = Search(QueryDict(f"q={query}"))
    _ = search.results, int(search.count), search.facets
    return 1000 * (spent() - began)


def spent() -> float:
    """Seconds of the processor of this process, and of the one of PostgreSQL that works for it."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return time.process_time()
    connection.ensure_connection()
    server = Path(f"/proc/{connection.connection.get_backend_pid()}/schedstat").read_text()
    return time.process_time() + int(server.split()[0]) / 1e9


def compared() -> dict[str, float]:
    """Recall and precision of all hits of the words, against a plain LIKE over folded text."""
    from dxportal.search.folding import fold
    from dxportal.search.hits import Hits
    from dxportal.search.models import Entry
    from dxportal.search.queries import Query

    right = found = meant = 0
    for word in WORDS:
        hits = set(Hits(Query.of(word)).in_order())
        like = set(Entry.objects.filter(folded__contains=fold(word).text).values_list("number", flat=True))
        right, found, meant = right + len(hits & like), found + len(hits), meant + len(like)
    return {"recall": right / meant, "precision": right / found}


if __name__ == "__main__":
    main("compare" in sys.argv[1:])
