"""Searches in this process: how long the first pages take (`time`), or what is found beside what LIKE finds
(`compare`).
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from urllib.parse import urlencode

import django

from bench.processor import on_one_core, spent

SEED = 20211122
# Words of bench/entries.py, from those in most texts to those in ten, and what they are combined to.
WORDS = ("農業", "防災", "すまーと農業", "魁", "薩長同盟", "の", "ないことば")
QUERIES = (*WORDS, "農業 防災", "農業 -防災", '"でじたる人材"', "農業 魁", "防災 すまーと農業 でじたる人材")
COMPARED = 10  # parts of texts, whose hits are all compared
PARTS = 100  # of texts, of the lengths that people type
LENGTHS = (1, 2, 2, 2, 3, 4, 6, 12)
FACETS: tuple[dict[str, str], ...] = (
    {},
    {},
    {},
    {"kind": "project"},
    {"area": "1"},
    {"department": "kyoiku"},
    {"kind": "listing", "area": "2"},
)


def main(what: str) -> None:
    django.setup()
    print(json.dumps({"time": timed, "compare": compared}[what](), ensure_ascii=False))


def timed() -> dict[str, float]:
    """Milliseconds of each page by its address."""
    from dxportal.gc_tuning import freeze_startup_objects

    asked = {urlencode(one): one for one in addresses()}
    page = pages()
    page({"q": "何か"})  # templates, and what is kept as long as nothing is published
    freeze_startup_objects()
    return {address: page(one) for address, one in asked.items()}


def addresses() -> Iterator[dict[str, str]]:
    """What is asked: each once, so that nothing is known of it."""
    yield from ({"q": query} for query in QUERIES)
    chance = random.Random(SEED)  # noqa: S311  # to be the same every time
    for number, parts in enumerate(zip(drawn(chance), drawn(chance), strict=True)):
        one, other = parts
        query = (one, one, f"{one} {other}", f"{one} -{other}", f'"{one}"')[number % 5]
        yield {"q": query, **chance.choice(FACETS)}


def drawn(chance: random.Random) -> Iterator[str]:
    """Parts of texts anywhere in the index."""
    from dxportal.search.models import SearchDocument

    last = SearchDocument.objects.order_by("-number").values_list("number", flat=True)[0] or 0
    for _ in range(PARTS):
        at = chance.randrange(last - 1)
        text = SearchDocument.objects.filter(number__gte=at).order_by("number").values_list("text", flat=True)[0]
        length = chance.choice(LENGTHS)
        start = chance.randrange(max(1, len(text) - length))
        yield text[start : start + length]


def pages() -> Callable[[dict[str, str]], float]:
    """Renders a page; milliseconds of the processor from the request to the HTML."""
    from django.core.handlers.base import BaseHandler
    from django.test import RequestFactory

    portal, requests = BaseHandler(), RequestFactory(HTTP_HOST="127.0.0.1")
    portal.load_middleware()
    on_one_core()

    def page(parameters: dict[str, str]) -> float:
        request = requests.get("/search/", parameters)
        began = spent()
        answer = portal.get_response(request)
        taken = 1000 * (spent() - began)
        if answer.status_code != 200:
            raise RuntimeError(f"{parameters}: {answer.status_code}")
        return taken

    return page


def compared() -> dict[str, float]:
    """Recall and precision of all hits of the words, and of parts of texts, against a plain LIKE over folded text."""
    from dxportal.normalize import fold
    from dxportal.search.matching import condition_for
    from dxportal.search.models import SearchDocument
    from dxportal.search.queries import Query
    from dxportal.search.site_index import site_index

    right = found = meant = 0
    for word in (*WORDS, *islice(drawn(random.Random(SEED)), COMPARED)):  # noqa: S311  # to be the same every time
        hits = set(site_index.search(condition_for(Query.of(f'"{word}"'))))
        like = set(SearchDocument.objects.filter(folded__contains=fold(word).text).values_list("number", flat=True))
        right, found, meant = right + len(hits & like), found + len(hits), meant + len(like)
    return {"recall": right / meant, "precision": right / found}


if __name__ == "__main__":
    main(sys.argv[1])
