"""Labels, terms and what stands around a page are those of the catalogue as it is, whoever published it and
wherever."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.test import Client

from catalog.models import Plan, TermWord
from dxportal.changesets.recording import preview_catalogue
from dxportal.changesets.workflow import read_differences
from dxportal.revisions.publish import refresh_derived_tables
from dxportal.search import results
from dxportal.search.models import SearchDocument
from dxportal.search.result_rows import ResultRow, result_rows
from dxportal.search.results import Search
from projects.models import Project
from tests.dxportal.changesets.change_sets import make_open_set, publish_edits, rename_department
from tests.dxportal.changesets.edits import Edit

pytestmark = pytest.mark.django_db


def spelled() -> Edit:
    return lambda: TermWord.objects.filter(text="テレワーク").update(text="ふしぎな働き方")


def renamed() -> Edit:
    return rename_department("kyoiku", "ふしぎな教育庁")


def others() -> list[str]:
    return Search(QueryDict("q=リモートワーク")).other_words


def label() -> str:
    facets = Search(QueryDict("q=ＩＣＴ")).facets
    return next(value.label for facet in facets for value in facet.values if value.code == "kyoiku")


def test_terms_and_labels_are_those_that_are_published() -> None:
    assert others() == ["テレワーク", "在宅勤務"]
    assert label() == "教育庁"
    publish_edits(spelled(), renamed())
    assert others() == ["ふしぎな働き方", "在宅勤務"]
    assert label() == "ふしぎな教育庁"


def test_counts_of_facets_are_those_that_are_published() -> None:
    def projects() -> int:
        facets = Search(QueryDict("q=ワーケーション推進事業")).facets
        return sum(value.count for facet in facets for value in facet.values if value.code == "project")

    before = projects()
    publish_edits(lambda: Project.objects.filter(code="workation").update(name="ふしぎな名の事業"))
    assert projects() == before - 1


def test_what_stands_around_a_page_is_that_of_the_published_plan(client: Client) -> None:
    def notice() -> str:
        html = client.get("/search/", {"q": "農業"}).content.decode()
        return html.partition("<footer>")[2].partition("<p>")[2].partition("</p>")[0]

    assert "ふしぎ" not in notice()
    publish_edits(lambda: Plan.objects.update(notice="ふしぎな注記"))
    assert notice() == "ふしぎな注記"


def test_a_preview_has_its_own_and_leaves_nothing_behind() -> None:
    assert others() == ["テレワーク", "在宅勤務"]
    wanted = read_differences(make_open_set(spelled(), renamed()))
    with preview_catalogue(wanted):
        refresh_derived_tables(wanted)
        assert others() == ["ふしぎな働き方", "在宅勤務"]
        assert label() == "ふしぎな教育庁"
    assert others() == ["テレワーク", "在宅勤務"]
    assert label() == "教育庁"


@pytest.mark.parametrize("query", ["q=業", ""])
def test_one_query_tells_whether_all_is_as_it_was(query: str, django_assert_num_queries: object) -> None:
    assert callable(django_assert_num_queries)
    Search(QueryDict(query))
    with django_assert_num_queries(1):
        Search(QueryDict(query))
    publish_edits(renamed())
    with django_assert_num_queries(9):  # by the old snapshot, the new one, its context, by the new one
        Search(QueryDict(query))


@pytest.mark.parametrize("are_gone", [False, True])
def test_what_is_published_while_a_page_is_made_is_on_it(
    are_gone: bool, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the posting lists and the rows that are shown; these may be others by then, or none."""
    left = [lambda: Project.objects.filter(code="workation").update(name="ふしぎな名の事業", kana="ふしぎ")]

    def later(ids: list[int]) -> dict[int, ResultRow]:
        if left:
            publish_edits(left.pop())
            if are_gone:
                return {}
        return result_rows(ids)

    monkeypatch.setattr(results, "result_rows", later)
    found = client.get("/search.json", {"q": "ワーケーション推進事業", "kind": "project"}).json()
    assert not left
    assert (found["count"], found["results"]) == (0, [])
    [result] = client.get("/search.json", {"q": "ふしぎな名の事業"}).json()["results"]
    assert result["title"] == "ふしぎな名の事業"


def test_a_document_that_lists_have_and_the_table_has_not_is_left_out(client: Client) -> None:
    """A broken index, which `check_search` tells of."""
    SearchDocument.objects.filter(title="ワーケーション推進事業", kind="project").update(number=None)
    found = client.get("/search.json", {"q": "ワー", "kind": "project"}).json()
    titles = [result["title"] for result in found["results"]]
    assert titles
    assert "ワーケーション推進事業" not in titles
    assert found["count"] == len(titles) + 1
