"""Every public address on plans that lack something: years, lines, Sakigake projects, everything. None is a 500."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.test import Client

from budgets.models import BudgetLine
from catalog.models import Plan
from dxportal.exports.views import EXTENSIONS
from dxportal.planfiles.loading import delete_catalogue
from dxportal.public.sitemap import FIXED_ADDRESSES
from dxportal.tables.table_filters import FILTERS
from projects.models import Appearance, NamedPart, SakigakeProject
from tests.derived_tables import refresh_rows
from tests.page_paths import NOT_IN_SITEMAP, ONE_OF_EACH_KIND
from tests.plans import minamihoshi, use_plans

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TABLES = ("budgets", "sakigake", "listings", "projects", "budgets/compare")
ASKED = (
    {},
    {"year": "all"},
    {"year": "all", "group": "year"},
    {"year": "all", "group": "area", "sort": "-amount_thousand_yen"},
    {"year": "2021", "base": "all", "group": "department"},
    {"group": "sakigake", "q": "事業", "department": "x", "area": "1", "amount_min": "1"},
)


def without_lines() -> None:
    minamihoshi()
    BudgetLine.objects.all().delete()
    refresh_rows()


def without_years() -> None:
    without_lines()
    NamedPart.objects.all().delete()
    Appearance.objects.all().delete()
    refresh_rows()


def without_sakigake() -> None:
    minamihoshi()
    NamedPart.objects.filter(appearance__sakigake_project__isnull=False).delete()
    Appearance.objects.filter(sakigake_project__isnull=False).delete()
    SakigakeProject.objects.all().delete()
    refresh_rows()


def without_anything() -> None:
    delete_catalogue()
    refresh_rows()


@use_plans(without_lines, without_years, without_sakigake, without_anything)
def test_every_public_address_is_answered(catalogue: object) -> None:
    client = Client(raise_request_exception=False)
    files = [f"/{name}.{ending}?{urlencode(query)}" for name in TABLES for ending in EXTENSIONS for query in ASKED]
    pages = [f"/{name}/?{urlencode(query)}" for name in TABLES for query in ASKED]
    sorts = [
        f"/{filters.table.name}.json?{urlencode({'sort': sort, 'year': 'all'})}"
        for filters in FILTERS.values()
        for sort in filters.table.sort_choices
    ]
    others = ["/changes.json", "/search.json?q=a", "/sitemap.xml", "/robots.txt", "/readyz"]
    failed = {}
    for address in dict.fromkeys(
        (*FIXED_ADDRESSES, *ONE_OF_EACH_KIND, *NOT_IN_SITEMAP, *pages, *files, *sorts, *others)
    ):
        response = client.get(address)
        if response.status_code >= 500 and address != "/readyz":
            failed[address] = response.status_code
        elif response.streaming:
            assert response.getvalue() is not None
    assert failed == {}
    assert Plan.objects.exists() == (catalogue is not without_anything)
