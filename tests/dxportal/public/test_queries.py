"""No page's number of queries grows with what it shows."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budgets.models import BudgetLine, Measure
from catalog.models import Department, Goal
from dxportal.planfiles.loading import load_folder
from dxportal.public.listings import lines_under
from dxportal.public.projects import first_without_amount
from dxportal.public.sitemap import PublicSitemap
from tests.dxportal.staff.test_proportion import planned
from tests.folders.generated_plan import generate_folder

pytestmark = pytest.mark.slow

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
    "/budgets/",
    "/listings/",
    "/budgets/check/",
    "/departments/",
    "/departments/*/",
    "/promotion/",
    "/strategy/",
    "/search/",
    "/sources/",
    "/changes/",
    "/sources/1/1/",
    "/sources/1/2/",
    "/sources/1/3/",
    "/sources/1/4/",
}


def queries_by_kind(size: int) -> dict[str, set[int]]:
    """The numbers of queries with which pages of each kind are served, in a plan of `size` rows per parent."""
    load_folder(generate_folder(size), replace=True)
    client = Client()
    client.get("/search/")  # the first search after a publication renews the snapshot of the process
    found: dict[str, set[int]] = {}
    for path in PublicSitemap().items():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200, path
        sources = path.startswith(("/sources/", "/budgets/"))
        kind = path if sources else re.sub(r"^(/\w+/)[^/?]+/$", r"\1*/", path)
        kind = kind.partition("?")[0]
        found.setdefault(kind, set()).add(len(queries))
    return found


@pytest.mark.django_db
def test_queries_are_equal_for_one_and_for_three_rows() -> None:
    one, three = queries_by_kind(1), queries_by_kind(3)
    assert set(one) == set(three) == KINDS
    # A page may ask less where a row has nothing under it, never more because there are more rows.
    assert {kind: max(counts) for kind, counts in one.items()} == {kind: max(counts) for kind, counts in three.items()}
    assert max(max(counts) for counts in three.values()) <= LIMIT


VIEWS = (
    "/budgets/?year=2024&group=department&unit=words",
    "/budgets/?year=2024&group=area&department=d1",
    "/budgets/?year=2024&group=sakigake&q=1",
    "/budgets/?year=2024&group=year&sort=-amount_thousand_yen",
    "/budgets/?year=all&group=department&area=1",
    "/budgets/compare/?year=2024&base=2022",
    "/sakigake/?year=2024&sakigake=1",
    "/listings/?year=2024&area=1&q=1",
    "/projects/?area=1&sakigake=1&sort=-listings",
    "/budgets.csv?year=2024",
    "/budgets.json?year=all",
    "/sakigake.xlsx?year=2024",
    "/listings.json?year=2024",
    "/budgets/compare.xlsx?year=2024&base=2022",
)


@pytest.mark.django_db
def test_queries_of_tables_do_not_grow_with_what_is_asked_for() -> None:
    def queries(size: int) -> dict[str, int]:
        folder = generate_folder(size, years=[2022, 2023, 2024])
        load_folder(folder, replace=True)
        counts = {}
        for address in VIEWS:
            with CaptureQueriesContext(connection) as captured:
                response = Client().get(address)
                assert response.status_code == 200, address
                assert response.getvalue()
            counts[address] = len(captured)
        return counts

    one, three = queries(1), queries(3)
    assert one == three
    assert max(three.values()) <= LIMIT


@pytest.mark.django_db
def test_pages_of_the_shipped_plan_stay_within_the_limit(client: Client) -> None:
    for path in PublicSitemap().items():
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        assert len(queries) <= LIMIT, path


@pytest.mark.django_db
def test_the_amounts_of_a_goal_are_found_without_reading_all() -> None:
    goal = Goal.objects.get(code="1-2-1").pk
    with planned() as plans:
        assert lines_under(goal, 2021, Measure.INITIAL)
    assert plans.count
    assert not [each for each in plans.whole if each.startswith(BudgetLine._meta.db_table)]


@pytest.mark.django_db
@pytest.mark.parametrize("measure", [Measure.INITIAL, Measure.CURRENT])
def test_projects_of_a_department_without_an_amount_are_found_by_an_index(measure: Measure) -> None:
    """Few of a department's many projects: a walk through all of them would take as long as there are projects."""
    department = Department.objects.get(code="kyoiku").pk
    with CaptureQueriesContext(connection) as queries:
        first_without_amount(department, 2021, measure)
    explain = "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            explain = "EXPLAIN"
            for way in ("seqscan", "sort", "bitmapscan"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"{explain} {queries[0]['sql']}")
        plan = str(cursor.fetchall())
    assert f"budgetrow_unstated_{measure}" in plan, plan
