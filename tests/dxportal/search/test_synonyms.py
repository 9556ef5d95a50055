"""Other spellings: the words of a term for one another, and nothing that is only a part of a word."""

from __future__ import annotations

import pytest

from catalog.models import Term, TermWord
from dxportal.search.queries import Query
from dxportal.search.synonyms import MAX_SPELLINGS, expand_query, expand_word, read_synonyms

TERMS = {
    "市町": [("市町村", "市町村")],
    "市町村": [("市町", "市町")],
    "ai": [("人工知能", "人工知能")],
    "こそだて": [("子育て", "子育て")],
}


def test_a_word_of_a_term_is_replaced_wherever_it_stands() -> None:
    assert expand_word("こそだてai", TERMS) == {
        "子育てai": "子育て",
        "こそだて人工知能": "人工知能",
        "子育て人工知能": "子育て、人工知能",
    }


def test_a_word_within_a_longer_one_is_left_alone() -> None:
    assert expand_word("市町村", TERMS) == {"市町": "市町"}
    assert expand_word("email", TERMS) == {}
    assert expand_word("ai1", TERMS) == {}
    assert expand_word("ai・農業", TERMS) == {"人工知能・農業": "人工知能"}


def test_there_are_not_more_than_a_few() -> None:
    assert len(expand_word("ai・" * 60, TERMS)) <= MAX_SPELLINGS
    assert len(expand_word("市町ai・こそだて" * 5, TERMS)) == MAX_SPELLINGS


@pytest.mark.django_db
def test_terms_are_read_in_one_query(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):
        published = read_synonyms()
    found = expand_query(Query.parse('スマホ "スマホ" リモートワーク ないことば'), published)
    assert {word.text: list(others.values()) for word, others in found.items()} == {
        "スマホ": ["スマートフォン"],
        "リモートワーク": ["テレワーク", "在宅勤務"],
    }


@pytest.mark.django_db
def test_the_shipped_terms_have_two_words_each_that_differ_when_folded() -> None:
    assert Term.objects.count() > 40
    for term in Term.objects.prefetch_related("words"):
        assert len({Query.parse(word.text).whole for word in term.words.all()}) >= 2, term
    assert {"こそだて", "さきがけ"} <= set(TermWord.objects.filter(is_reading=True).values_list("text", flat=True))
