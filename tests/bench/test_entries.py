"""Entries that the search is measured with."""

import pytest

from bench.entries import COMMON, fill
from dxportal.normalize import fold
from dxportal.search.models import SearchDocument
from dxportal.search.site_index import site_index

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_lists_made_of_phrases_are_those_that_the_entries_give() -> None:
    fill(2_000)
    assert SearchDocument.objects.count() == 2_000
    assert site_index.wrong_chunks() == []


def test_words_that_are_asked_for_stand_in_their_share_of_texts() -> None:
    fill(2_000)
    found = {word: SearchDocument.objects.filter(folded__contains=fold(word).text).count() / 2_000 for word in COMMON}
    assert found["農業"] == pytest.approx(COMMON["農業"] + COMMON["スマート農業"], rel=0.15)
    assert found["防災"] == pytest.approx(COMMON["防災"], rel=0.5)


def test_the_same_seed_gives_the_same_entries() -> None:
    fill(100, seed=7)
    first = list(SearchDocument.objects.order_by("number").values_list("row", "title", "text", "folded"))
    fill(100, seed=7)
    assert list(SearchDocument.objects.order_by("number").values_list("row", "title", "text", "folded")) == first
    fill(100, seed=8)
    assert list(SearchDocument.objects.order_by("number").values_list("row", "title", "text", "folded")) != first
