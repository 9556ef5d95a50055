"""No page's number of queries grows with what it shows."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dxportal.pages.site import PublicSitemap
from dxportal.planfolder.loading import load
from tests.folders.generated import generated

LIMIT = 12
KINDS = {
    "/",
    "/plan/",
    "/pillars/",
    "/pillars/*/",
    "/areas/",
    "/areas/*/",
    "/domains/*/",
    "/goals/*/",
    "/projects/",
    "/projects/*/",
    "/sakigake/",
    "/sakigake/*/",
    "/budgets/check/",
    "/departments/",
    "/departments/*/",
    "/promotion/",
    "/strategy/",
    "/sources/",
    "/sources/1/1/",
    "/sources/1/2/",
    "/sources/1/3/",
    "/sources/1/4/",
}


def queries_by_kind(size: int) -> dict[str, set[int]]:
    """The numbers of queries with which pages of each kind are served, in a plan of `size` rows per parent."""
    load(generated(size), replace=True)
    client = Client()
    found: dict[str, set[int]] = {}
    for path in PublicSitemap().items():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200, path
        kind = path if path.startswith(("/sources/", "/budgets/")) else re.sub(r"^(/\w+/)[^/]+/$", r"\1*/", path)
        found.setdefault(kind, set()).add(len(queries))
    return found


@pytest.mark.django_db
def test_queries_are_equal_for_one_and_for_three_rows() -> None:
    one, three = queries_by_kind(1), queries_by_kind(3)
    assert set(one) == set(three) == KINDS
    # A page may ask less where a row has nothing under it, never more because there are more rows.
    assert {kind: max(counts) for kind, counts in one.items()} == {kind: max(counts) for kind, counts in three.items()}
    assert max(max(counts) for counts in three.values()) <= LIMIT


@pytest.mark.django_db
def test_pages_of_the_shipped_plan_stay_within_the_limit(client: Client) -> None:
    for path in PublicSitemap().items():
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        assert len(queries) <= LIMIT, path
