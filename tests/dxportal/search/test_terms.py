"""Readings and synonyms are rows of the catalogue: proposed, published and undone as any other."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from catalog.models import Term, TermWord
from dxportal.changesets.recording import record_changes
from dxportal.changesets.refusals import RefusedByCatalogueError
from dxportal.changesets.workflow import propose, undo
from dxportal.search.results import Search
from tests.dxportal.changesets.change_sets import create_author, make_open_set, publish_edits

pytestmark = pytest.mark.django_db


def count(query: str) -> int:
    return Search(QueryDict(f"q={query}")).count


def add_word() -> object:
    return TermWord.objects.create(term=Term.objects.get(code="drone"), text="空飛ぶ機械", position=9)


def test_a_word_counts_once_it_is_published_and_until_it_is_undone() -> None:
    assert count("空飛ぶ機械") == 0
    propose(make_open_set(add_word))
    assert count("空飛ぶ機械") == 0
    one = publish_edits(add_word)
    assert count("空飛ぶ機械") == count("ドローン") > 0
    undo(one, create_author())
    assert count("空飛ぶ機械") == 0


def test_a_term_keeps_two_words_one_of_which_is_no_reading() -> None:
    words = TermWord.objects.filter(term__code="childcare")
    with pytest.raises(RefusedByCatalogueError, match="「childcare」"), record_changes():
        words.filter(is_reading=True).delete()
    with pytest.raises(RefusedByCatalogueError), record_changes():
        words.update(is_reading=True)
    with record_changes() as recorder:
        words.delete()
        Term.objects.filter(code="childcare").delete()
    assert len(recorder.changes) == 3
