"""The page that shows what was found."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dxportal.search.find import find

LONGEST = 200


def search(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:LONGEST]
    return render(request, "pages/search.html", {"query": query, "groups": find(query)})
