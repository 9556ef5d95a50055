"""What searches keep in memory is that of the catalogue as it is, whoever published it and wherever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.http import QueryDict
from django.test import Client

from catalog.models import Department, TermWord
from dxportal.changes.life import differences_of
from dxportal.changes.recording import as_it_would_be
from dxportal.revisions.advancing import follow
from dxportal.search.facets import KNOWN
from dxportal.search.postings import FACET_LISTS, version
from dxportal.search.remembered import Remembered
from dxportal.search.results import Search
from dxportal.search.synonyms import TERMS
from projects.models import Project
from tests.dxportal.changes.edits import Edit
from tests.dxportal.changes.sets import open_set, published

KEPT = (KNOWN, TERMS, FACET_LISTS)


def spelled() -> Edit:
    return lambda: TermWord.objects.filter(text="テレワーク").update(text="ふしぎな働き方")


def renamed() -> Edit:
    return lambda: Department.objects.filter(code="kyoiku").update(name="ふしぎな教育庁")


def others() -> list[str]:
    return Search(QueryDict("q=リモートワーク")).other_words


def label() -> str:
    facets = Search(QueryDict("q=ＩＣＴ")).facets
    return next(value.label for facet in facets for value in facet.values if value.code == "kyoiku")


@contextmanager
def elsewhere() -> Iterator[None]:
    """What the block does is done by another process: nothing of this one's memory is any different after it."""
    before = [one.kept for one in KEPT]
    yield
    for one, kept in zip(KEPT, before, strict=True):
        one.kept = kept


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
