"""The gallery of the template components, each with invented data."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.models import Plan, SourceDocument

DOCUMENT = SourceDocument(number=1, label="資料", title="見本の資料", page_from=1, page_to=3)
PRINTED = SimpleNamespace(document=DOCUMENT, page=2, page_to=None)


def gallery(request: HttpRequest) -> HttpResponse:
    """Every component that pages share, under its name; the samples stand in templates/_components/samples/."""
    plan = Plan(title="見本の計画", status="案", publisher="見本県", updated_on=date(2026, 4, 1))
    data: dict[str, Any] = {
        "printed": PRINTED,
        "plan": plan,
        "previous": ("前の見本", "/"),
        "next": ("次の見本", "/"),
        "contents": [("money", "sample-money"), ("badge", "sample-badge")],
    }
    names = (
        "breadcrumb",
        "card",
        "table",
        "badge",
        "money",
        "citation",
        "pager",
        "bar",
        "notice",
        "editorial_note",
        "sakigake_number",
        "toc",
    )
    samples = [(name, f"_components/samples/{name}.html", data) for name in names]
    return render(request, "pages/components.html", {"samples": samples})
