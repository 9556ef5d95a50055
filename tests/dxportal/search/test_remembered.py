"""What searches keep in memory is that of the catalogue as it is, whoever published it and wherever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Department, Plan, TermWord
from dxportal.changes.life import differences_of
from dxportal.changes.recording import as_it_would_be
from dxportal.revisions.advancing import follow
from dxportal.search import postings
from dxportal.search.buckets import buckets_of
from dxportal.search.facets import KNOWN
from dxportal.search.page import PLAN
from dxportal.search.postings import KEPT, STATE, version
from dxportal.search.remembered import Remembered, RememberedSome
from dxportal.search.results import Search
from dxportal.search.synonyms import TERMS
from projects.models import Project
from tests.dxportal.changes.edits import Edit
from tests.dxportal.changes.sets import open_set, published

SINGLE = (KNOWN, TERMS, STATE, PLAN)


def spelled() -> Edit:
    return lambda: TermWord.objects.filter(text="テレワーク").update(text="ふしぎな働き方")


def renamed() -> Edit:
    return lambda: Department.objects.filter(code="kyoiku").update(name="ふしぎな教育庁")


def cooler() -> Edit:
    return lambda: Project.objects.filter(code="workation").update(name="クールな事業")


def others() -> list[str]:
    return Search(QueryDict("q=リモートワーク")).other_words


def label() -> str:
    facets = Search(QueryDict("q=ＩＣＴ")).facets
    return next(value.label for facet in facets for value in facet.values if value.code == "kyoiku")


@contextmanager
def elsewhere() -> Iterator[None]:
    """What the block does is done by another process: nothing of this one's memory is any different after it."""
    before = [one.kept for one in SINGLE]
    lists = KEPT.version, KEPT.size, {**KEPT.kept}
    yield
    for one, kept in zip(SINGLE, before, strict=True):
        one.kept = kept
    KEPT.version, KEPT.size, KEPT.kept = lists


@pytest.fixture
def every_list_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """This plan has no list that is long enough."""
    monkeypatch.setattr(postings, "WORTH_KEEPING", 0)


def found(query: str) -> list[str]:
    return [result.entry.title for result in Search(QueryDict(f"q={query}&kind=project")).results]


@pytest.mark.on_no_database
def test_a_value_is_read_once_for_each_state() -> None:
    read: list[bytes] = []
    one = Remembered(lambda: len(read))
    assert one.at(b"1") == 0
    read.append(b"")
    assert (one.at(b"1"), one.at(b"2"), one.at(b"2")) == (0, 1, 1)


@pytest.mark.django_db
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


@pytest.mark.django_db
def test_counts_of_facets_are_those_that_are_published(client: Client) -> None:
    def projects() -> int:
        facets = Search(QueryDict("q=ワーケーション推進事業")).facets
        return sum(value.count for facet in facets for value in facet.values if value.code == "project")

    there = projects()
    with elsewhere():
        published(lambda: Project.objects.filter(code="workation").update(name="ふしぎな名の事業"))
    assert projects() == there - 1


@pytest.mark.django_db
def test_what_stands_around_a_page_is_that_of_the_published_plan(client: Client) -> None:
    def notice() -> str:
        html = client.get("/search/", {"q": "農業"}).content.decode()
        return html.partition("<footer>")[2].partition("<p>")[2].partition("</p>")[0]

    assert "ふしぎ" not in notice()
    with elsewhere():
        published(lambda: Plan.objects.update(notice="ふしぎな注記"))
    assert notice() == "ふしぎな注記"


@pytest.mark.django_db
def test_a_preview_has_its_own_and_leaves_nothing_behind() -> None:
    assert others() == ["テレワーク", "在宅勤務"]
    before = version()
    wanted = differences_of(open_set(spelled()))
    with as_it_would_be(wanted):
        follow([(difference.model, difference.row) for difference in wanted])
        assert version() != before
        assert others() == ["ふしぎな働き方", "在宅勤務"]
    assert version() == before
    assert others() == ["テレワーク", "在宅勤務"]


@pytest.mark.on_no_database
def test_of_many_values_those_asked_last_are_kept_as_far_as_they_fit() -> None:
    some = RememberedSome[int](most=10)
    for name, value in (("a", 1), ("b", 2), ("c", 3)):
        some.keep(b"1", name, value, size=3)
    assert some.among("abx") == (b"1", {"a": 1, "b": 2})
    some.keep(b"1", "d", 4, size=4)
    assert (some.among("abcd"), some.size) == ((b"1", {"a": 1, "b": 2, "d": 4}), 10)
    some.keep(b"1", "d", 5, size=1)
    assert (some.among("d"), some.size) == ((b"1", {"d": 5}), 7)
    some.keep(b"1", "e", 6, size=11)
    assert (some.among("abcde"), some.size) == ((b"1", {}), 0)


@pytest.mark.on_no_database
def test_values_of_another_state_are_given_up() -> None:
    some = RememberedSome[int](most=10)
    some.keep(b"1", "a", 1, size=9)
    some.keep(b"2", "b", 2, size=9)
    assert (some.among("ab"), some.size) == ((b"2", {"b": 2}), 9)


@pytest.mark.django_db
@pytest.mark.usefixtures("every_list_is_kept")
def test_lists_that_are_kept_are_not_read_again() -> None:
    first = found("ワー")
    assert KEPT.version == version()
    assert "tわ-" in KEPT.kept
    rows = postings.ROWS
    with CaptureQueriesContext(connection) as captured:
        assert found("ワー") == first
    (asked,) = [query["sql"] for query in captured if rows[:40] in query["sql"]]
    assert str(buckets_of("tわ-")[0]) not in asked


@pytest.mark.django_db
@pytest.mark.usefixtures("every_list_is_kept")
@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_lists_are_those_that_are_published(is_elsewhere: bool) -> None:
    there = found("クー")
    with elsewhere() if is_elsewhere else nullcontext():
        published(cooler())
    assert sorted(found("クー")) == sorted([*there, "クールな事業"])
    assert KEPT.version == version()


@pytest.mark.django_db
@pytest.mark.usefixtures("every_list_is_kept")
def test_a_preview_keeps_its_lists_to_itself() -> None:
    there = found("クー")
    wanted = differences_of(open_set(cooler()))
    with as_it_would_be(wanted):
        follow([(difference.model, difference.row) for difference in wanted])
        assert sorted(found("クー")) == sorted([*there, "クールな事業"])
    assert found("クー") == there
    assert KEPT.version == version()
