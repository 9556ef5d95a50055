"""Search page and its JSON."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext

from catalog.contents import departments
from catalog.models import TermWord
from dxportal.public.tables import page_title
from dxportal.search.counts import HitCount
from dxportal.search.results import SEARCH_PATH, Search, TooLongError

MAX_ATTEMPTS = 3  # if publications interrupt a search; limited, because a broken index would never be consistent
MAX_QUERY_STRING_LENGTH = 20_000  # characters of an encoded query string; all values of all facets need far fewer
SAMPLE_QUERIES = ("子育て 相談", "ドローン", "こそだて", '"人材の育成"', "移住 -ワーケーション")


def search_page(request: HttpRequest) -> HttpResponse:
    try:
        search = run_search(request)
    except TooLongError as error:
        return render(request, "public/search.html", {"too_long": error, "title": gettext("検索")}, status=400)
    context: dict[str, Any] = {"search": search, "query": search.text, "plan": search.context.plan}
    if not search.query.whole:
        context |= {"title": gettext("検索"), "examples": sample_queries(), "terms": list_synonym_terms()}
        return render(request, "public/search.html", context)
    title = gettext("「%(query)s」の検索結果") % {"query": search.text}
    context["title"] = page_title(title, search.conditions_in_words, search.page, search.facet_selection.problems)
    context["page_url"] = settings.SITE_URL + search.address_of_page(search.page)
    if not search.count:
        context["departments"] = departments()
    return render(request, "public/search.html", context)


def run_search(request: HttpRequest) -> Search:
    """Run the search of a request. Raises TooLongError, for very long query strings before the costly decoding."""
    if len(request.META.get("QUERY_STRING", "")) > MAX_QUERY_STRING_LENGTH:
        raise TooLongError
    for _ in range(MAX_ATTEMPTS):
        search = Search(request.GET)
        if search.is_consistent:
            break
    return search


def sample_queries() -> list[tuple[str, str]]:
    """Return sample queries that show the syntax, each with its address."""
    return [(query, f"{SEARCH_PATH}?{urlencode({'q': query})}") for query in SAMPLE_QUERIES]


def list_synonym_terms() -> list[tuple[str, str, str]]:
    """Return the synonym terms: code, the words in one line, editorial note."""
    words = TermWord.objects.order_by("term__position", "term__code", "position", "text")
    rows = words.values_list("term__code", "term__editorial_note", "text")
    return [
        (code, gettext("、").join(text for *_, text in members), note)
        for (code, note), members in groupby(rows, key=lambda row: row[:2])
    ]


def search_json(request: HttpRequest) -> HttpResponse:
    """Return 20 results as JSON, and the address of the next 20; invalid parameters get 400, as in every file."""
    try:
        search = run_search(request)
    except TooLongError as error:
        return json_response({"errors": [str(error)]}, status=400)
    if not search.query.whole:
        return json_response({"query": search.text, "count": 0, "results": [], "next": None})
    if search.problems:
        return json_response({"errors": search.problems}, status=400)
    return json_response(
        {
            "query": search.text,
            **count_as_json(search.count),
            "results": [
                {
                    "kind": result.document.kind,
                    "title": result.document.title,
                    "url": settings.SITE_URL + result.document.url,
                    "excerpt": "".join(piece.text for piece in result.excerpt or result.title),
                }
                for result in search.results
            ],
            "next": settings.SITE_URL + search.next_file_address if search.next_file_address else None,
        }
    )


def count_as_json(count: HitCount) -> dict[str, int | None]:
    """Return the exact count, or `at_least`."""
    return {"count": count} if count.is_exact else {"count": None, "at_least": count}


def json_response(content: dict[str, Any], status: int = 200) -> JsonResponse:
    return JsonResponse(content, status=status, json_dumps_params={"ensure_ascii": False})
