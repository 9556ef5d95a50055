"""What is the same for every query is that of the catalogue as it is, whoever published it and wherever."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.http import QueryDict
from django.test import Client

from catalog.models import Department, Plan, TermWord
from dxportal.changesets.recording import as_it_would_be
from dxportal.changesets.workflow import differences_of
from dxportal.revisions.publish import follow
from dxportal.search import results
from dxportal.search.models import Entry
from dxportal.search.postings import version
from dxportal.search.results import Search
from dxportal.search.shown import Shown, entries_at
from dxportal.search.state import LATEST, Latest, State, current, lists_for
from projects.models import Project
from tests.dxportal.changesets.edits import Edit
from tests.dxportal.changesets.sets import open_set, published
from tests.dxportal.search.elsewhere import elsewhere

pytestmark = pytest.mark.django_db


def spelled() -> Edit:
    return lambda: TermWord.objects.filter(text="テレワーク").update(text="ふしぎな働き方")


def renamed() -> Edit:
    return lambda: Department.objects.filter(code="kyoiku").update(name="ふしぎな教育庁")


def others() -> list[str]:
    return Search(QueryDict("q=リモートワーク")).other_words


def label() -> str:
    facets = Search(QueryDict("q=ＩＣＴ")).facets
    return next(value.label for facet in facets for value in facet.values if value.code == "kyoiku")


@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_terms_and_labels_are_those_that_are_published(is_elsewhere: bool) -> None:
    assert others() == ["テレワーク", "在宅勤務"]
    assert label() == "教育庁"
    if is_elsewhere:
        with elsewhere():
            published(spelled(), renamed())
            assert others() == ["ふしぎな働き方", "在宅勤務"]
    else:
        published(spelled(), renamed())
    assert others() == ["ふしぎな働き方", "在宅勤務"]
    assert label() == "ふしぎな教育庁"


def test_counts_of_facets_are_those_that_are_published(client: Client) -> None:
    def projects() -> int:
        facets = Search(QueryDict("q=ワーケーション推進事業")).facets
        return sum(value.count for facet in facets for value in facet.values if value.code == "project")

    there = projects()
    with elsewhere():
        published(lambda: Project.objects.filter(code="workation").update(name="ふしぎな名の事業"))
    assert projects() == there - 1


def test_what_stands_around_a_page_is_that_of_the_published_plan(client: Client) -> None:
    def notice() -> str:
        html = client.get("/search/", {"q": "農業"}).content.decode()
        return html.partition("<footer>")[2].partition("<p>")[2].partition("</p>")[0]

    assert "ふしぎ" not in notice()
    with elsewhere():
        published(lambda: Plan.objects.update(notice="ふしぎな注記"))
    assert notice() == "ふしぎな注記"


def test_a_preview_has_its_own_and_leaves_nothing_behind() -> None:
    assert others() == ["テレワーク", "在宅勤務"]
    before = version()
    wanted = differences_of(open_set(spelled()))
    with as_it_would_be(wanted):
        follow(wanted)
        assert version() != before
        assert others() == ["ふしぎな働き方", "在宅勤務"]
    assert version() == before
    assert others() == ["テレワーク", "在宅勤務"]


def test_one_query_tells_whether_all_is_as_it_was(django_assert_num_queries: object) -> None:
    assert callable(django_assert_num_queries)
    there = current()
    with django_assert_num_queries(1):
        assert lists_for(lambda state: {"t農業"})[1] is there
    with django_assert_num_queries(1):
        assert current() is there
    with elsewhere():
        published(renamed())
    with django_assert_num_queries(9):  # the lists, the state they are of, and the lists of what it takes then
        lists, state = lists_for(lambda state: {"t農業"})
    assert lists.version == state.version == version() != there.version
    assert state is LATEST.state
    with elsewhere():
        published(spelled())
    with django_assert_num_queries(8):
        now = current()
    assert now.version == version()


def test_what_is_asked_is_asked_of_the_state_that_is_answered() -> None:
    """As terms are others, so are the keys."""
    others()
    with elsewhere():
        published(spelled())
    asked: list[State] = []

    def keys(state: State) -> set[str]:
        asked.append(state)
        return {"t農業"}

    lists, state = lists_for(keys)
    assert [one.version for one in asked] == [asked[0].version, lists.version]
    assert asked[-1] is state


def test_what_is_read_anew_is_not_what_another_thread_has_read_since() -> None:
    class Overtaken(Latest):
        """Of which another thread keeps its own state whenever one is kept."""

        def __setattr__(self, name: str, value: State) -> None:
            super().__setattr__(name, replace(value, version=b"of another"))

    assert Overtaken().anew().version == version()


@pytest.mark.parametrize("are_gone", [False, True])
def test_what_is_published_while_a_page_is_made_is_on_it(
    are_gone: bool, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the lists and the entries that are shown; these may be others by then, or none."""
    left = [lambda: Project.objects.filter(code="workation").update(name="ふしぎな名の事業", kana="ふしぎ")]

    def later(numbers: list[int]) -> dict[int, Shown]:
        if left:
            with elsewhere():
                published(left.pop())
            if are_gone:
                return {}
        return entries_at(numbers)

    monkeypatch.setattr(results, "entries_at", later)
    found = client.get("/search.json", {"q": "ワーケーション推進事業", "kind": "project"}).json()
    assert not left
    assert (found["count"], found["results"]) == (0, [])
    [result] = client.get("/search.json", {"q": "ふしぎな名の事業"}).json()["results"]
    assert result["title"] == "ふしぎな名の事業"


def test_an_entry_that_lists_have_and_the_index_has_not_is_left_out(client: Client) -> None:
    """A broken index, which `check_search` tells of."""
    Entry.objects.filter(title="ワーケーション推進事業", kind="project").update(number=None)
    found = client.get("/search.json", {"q": "ワー", "kind": "project"}).json()
    titles = [result["title"] for result in found["results"]]
    assert titles
    assert "ワーケーション推進事業" not in titles
    assert found["count"] == len(titles) + 1


def test_a_state_that_is_of_a_preview_is_not_that_of_others() -> None:
    """It was read last, by the thread that previews, and nothing of it may be shown by another."""
    wanted = differences_of(open_set(spelled(), renamed()))
    with as_it_would_be(wanted):
        follow(wanted)
        assert others() == ["ふしぎな働き方", "在宅勤務"]
        previewed = LATEST.state
    LATEST.state = previewed
    assert others() == ["テレワーク", "在宅勤務"]
    LATEST.state = previewed
    assert label() == "教育庁"
