"""Generated search documents have the posting lists that the portal would derive, and are reproducible."""

import pytest

from bench.search_generator import SHARE_BY_WORD, fill_index
from dxportal.normalize import fold
from dxportal.search.models import SearchDocument
from dxportal.search.site_index import site_index

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_lists_made_of_phrases_are_those_that_the_entries_give() -> None:
    fill_index(2_000)
    assert SearchDocument.objects.count() == 2_000
    assert site_index.wrong_chunks() == []


def test_words_that_are_asked_for_stand_in_their_share_of_texts() -> None:
    fill_index(2_000)
    share = {
        word: SearchDocument.objects.filter(folded__contains=fold(word).text).count() / 2_000 for word in SHARE_BY_WORD
    }
    assert share["農業"] == pytest.approx(SHARE_BY_WORD["農業"] + SHARE_BY_WORD["スマート農業"], rel=0.15)
    assert share["防災"] == pytest.approx(SHARE_BY_WORD["防災"], rel=0.5)


def test_the_same_seed_gives_the_same_entries() -> None:
    fill_index(100, seed=7)
    first = list(SearchDocument.objects.order_by("number").values_list("row", "title", "text", "folded"))
    fill_index(100, seed=7)
    assert list(SearchDocument.objects.order_by("number").values_list("row", "title", "text", "folded")) == first
    fill_index(100, seed=8)
    assert list(SearchDocument.objects.order_by("number").values_list("row", "title", "text", "folded")) != first
