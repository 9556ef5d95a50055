"""Search in this process: time the first pages of results (`time`), or compare hits with those of LIKE (`compare`)."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from urllib.parse import urlencode

import django

from bench.cpu_time import cpu_seconds, pin_to_one_core

SEED = 20211122
# Words of bench/search_generator.py, from frequent to rare, and combinations of them.
WORDS = ("農業", "防災", "すまーと農業", "魁", "薩長同盟", "の", "ないことば")
QUERIES = (*WORDS, "農業 防災", "農業 -防災", '"でじたる人材"', "農業 魁", "防災 すまーと農業 でじたる人材")
COMPARED_PHRASES = 10  # parts of texts that are compared with LIKE
SAMPLES = 100  # of texts, of the lengths that people type
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


def main(mode: str) -> None:
    django.setup()
    print(json.dumps({"time": time_pages, "compare": compare_with_like}[mode](), ensure_ascii=False))


def time_pages() -> dict[str, float]:
    """Return CPU milliseconds of each page by its query string."""
    from dxportal.gc_tuning import freeze_startup_objects

    queries = {urlencode(query): query for query in generate_queries()}
    page = page_timer()
    page({"q": "何か"})  # compiles templates and loads what is cached until the next publication
    freeze_startup_objects()
    return {address: page(query) for address, query in queries.items()}


def generate_queries() -> Iterator[dict[str, str]]:
    """Generate queries, each once, so that no cache knows it."""
    yield from ({"q": query} for query in QUERIES)
    rng = random.Random(SEED)  # noqa: S311  # to be the same every time
    for number, parts in enumerate(zip(sample_phrases(rng), sample_phrases(rng), strict=True)):
        first, second = parts
        query = (first, first, f"{first} {second}", f"{first} -{second}", f'"{first}"')[number % 5]
        yield {"q": query, **rng.choice(FACETS)}


def sample_phrases(rng: random.Random) -> Iterator[str]:
    """Draw parts of texts from anywhere in the index."""
    from dxportal.search.models import SearchDocument

    last = SearchDocument.objects.order_by("-number").values_list("number", flat=True)[0] or 0
    for _ in range(SAMPLES):
        at = rng.randrange(last - 1)
        text = SearchDocument.objects.filter(number__gte=at).order_by("number").values_list("text", flat=True)[0]
        length = rng.choice(LENGTHS)
        start = rng.randrange(max(1, len(text) - length))
        yield text[start : start + length]


def page_timer() -> Callable[[dict[str, str]], float]:
    """Return a function that renders a page of results and returns its CPU milliseconds."""
    from django.core.handlers.base import BaseHandler
    from django.test import RequestFactory

    portal, requests = BaseHandler(), RequestFactory(HTTP_HOST="127.0.0.1")
    portal.load_middleware()
    pin_to_one_core()

    def page(parameters: dict[str, str]) -> float:
        request = requests.get("/search/", parameters)
        began = cpu_seconds()
        answer = portal.get_response(request)
        milliseconds = 1000 * (cpu_seconds() - began)
        if answer.status_code != 200:
            raise RuntimeError(f"{parameters}: {answer.status_code}")
        return milliseconds

    return page


def compare_with_like() -> dict[str, float]:
    """Return recall and precision of all hits of words and parts of texts, against LIKE on the normalised text."""
    from dxportal.normalize import fold
    from dxportal.search.matching import condition_for
    from dxportal.search.models import SearchDocument
    from dxportal.search.queries import Query
    from dxportal.search.site_index import site_index

    true_positives = hit_count = like_count = 0
    for word in (*WORDS, *islice(sample_phrases(random.Random(SEED)), COMPARED_PHRASES)):  # noqa: S311  # to be the same every time
        hits = set(site_index.search(condition_for(Query.parse(f'"{word}"'))))
        like = set(SearchDocument.objects.filter(folded__contains=fold(word).text).values_list("number", flat=True))
        true_positives += len(hits & like)
        hit_count += len(hits)
        like_count += len(like)
    return {"recall": true_positives / like_count, "precision": true_positives / hit_count}


if __name__ == "__main__":
    main(sys.argv[1])
