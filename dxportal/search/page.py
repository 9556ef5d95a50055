"""The page that shows what was found."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dxportal.search.find import WORDS, find, words_of

LONGEST = 200


def search(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:LONGEST]
    context = {
        "query": query,
        "groups": find(query),
        "most": WORDS,
        "dropped": len(query.split()) > len(words_of(query)),
    }
    return render(request, "pages/search.html", context)
