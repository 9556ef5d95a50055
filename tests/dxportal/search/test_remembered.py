"""Lists that are kept in memory are those of the catalogue as it is, whoever published it and wherever."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from dxportal.changesets.recording import as_it_would_be
from dxportal.changesets.workflow import differences_of
from dxportal.revisions.publish import follow
from dxportal.search import postings
from dxportal.search.buckets import buckets_of
from dxportal.search.postings import KEPT, version
from dxportal.search.remembered import RememberedSome
from dxportal.search.results import Search
from projects.models import Project
from tests.dxportal.changesets.edits import Edit
from tests.dxportal.changesets.sets import open_set, published
from tests.dxportal.search.elsewhere import elsewhere


def cooler() -> Edit:
    return lambda: Project.objects.filter(code="workation").update(name="クールな事業")


@pytest.fixture
def every_list_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """This plan has no list that is long enough."""
    monkeypatch.setattr(postings, "WORTH_KEEPING", 0)


def found(query: str) -> list[str]:
    return [result.entry.title for result in Search(QueryDict(f"q={query}&kind=project")).results]


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
        follow(wanted)
        assert sorted(found("クー")) == sorted([*there, "クールな事業"])
    assert found("クー") == there
    assert KEPT.version == version()
