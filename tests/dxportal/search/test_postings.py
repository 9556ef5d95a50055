"""The lists of the index are those of its entries, from one publication to the next."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Department
from dxportal.changes.life import differences_of, undo
from dxportal.changes.recording import as_it_would_be
from dxportal.revisions.advancing import follow
from dxportal.search import writing
from dxportal.search.hits import Count, Hits
from dxportal.search.indexing import follow_changes, wrong_lists
from dxportal.search.matching import matching
from dxportal.search.models import Entry, Posting
from dxportal.search.postings import BUCKETS, Lists, bucket_of, joined, keys_in, list_in
from dxportal.search.queries import Query
from projects.models import Project
from tests.dxportal.changes.edits import Edit, edits
from tests.dxportal.changes.sets import open_set, published, somebody

pytestmark = pytest.mark.django_db
KEYS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf"]), min_size=1, max_size=4)


@given(st.dictionaries(KEYS, st.binary(min_size=1, max_size=20), min_size=1, max_size=8))
def test_a_list_is_found_in_a_row(lists: dict[str, bytes]) -> None:
    row = joined(lists)
    assert sorted(keys_in(row)) == sorted(lists)
    assert {key: list_in(row, key) for key in lists} == lists
    assert list_in(row, "no such key") == b""


def test_keys_share_few_rows() -> None:
    assert all(0 <= bucket_of(f"t{character}") < BUCKETS for character in "農業事")
    assert Posting.objects.count() <= BUCKETS + 2


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(done=edits)
def test_after_any_edits_the_lists_are_those_of_the_entries(minamihoshi: object, done: list[Edit]) -> None:
    assert wrong_lists() == []
    one = open_set(*done)
    if one.changes.exists():
        published_set = published(*done)
        assert wrong_lists() == []
        undo(published_set, somebody())
    assert wrong_lists() == []


def test_a_preview_reads_its_own_lists_and_leaves_nothing_behind() -> None:
    def found() -> int:
        hits = Hits(Query.of("ふしぎな名"))
        hits.settle()
        return Count.of(hits.found())

    before = Lists.read([]).version
    wanted = differences_of(open_set(lambda: Project.objects.filter(code="workation").update(name="ふしぎな名の事業")))
    with as_it_would_be(wanted):
        follow([(difference.model, difference.row) for difference in wanted])
        assert found() == 1
        assert Lists.read([]).version != before
    assert found() == 0
    assert Lists.read([]).version == before


def test_an_index_without_numbers_is_given_them() -> None:
    Entry.objects.update(number=None)
    Posting.objects.all().delete()
    assert wrong_lists() == [0]
    follow_changes(None)
    assert wrong_lists() == []
    assert not Entry.objects.filter(number=None).exists()


def test_the_check_tells_of_wrong_lists() -> None:
    row = Posting.objects.get(bucket=bucket_of("t農"))
    Posting.objects.filter(pk=row.pk).update(lists=b"\n\0")
    with pytest.raises(CommandError, match=r"索引の表が項目と違います（1区間）。rebuild_search"):
        call_command("check_search")
    call_command("rebuild_search", stdout=StringIO())
    call_command("check_search", stdout=StringIO())
    one = Entry.objects.order_by("-number").first()
    assert one is not None
    Entry.objects.filter(pk=one.pk).update(number=0)
    with pytest.raises(CommandError, match="索引の表が項目と違います"):
        call_command("check_search")


@pytest.mark.parametrize("few", [writing.FEW, 0])
def test_lists_follow_a_few_entries_and_many(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "FEW", few)
    published(
        lambda: Project.objects.filter(code="workation").update(name="ふしぎな名の事業"),
        lambda: Department.objects.filter(code="kyoiku").update(name="ふしぎな教育庁"),
    )
    assert wrong_lists() == []
    assert matching(Query.of("ふしぎな名")).exists()


def test_few_rows_are_written_for_a_few_entries() -> None:
    def written() -> set[int]:
        return set(Posting.objects.values_list("pk", flat=True))

    there = written()
    published(lambda: Project.objects.filter(code="workation").update(name="ふしぎな名の事業"))
    assert 0 < len(written() - there) < len(there) / 10


def test_lists_of_another_version_of_the_programme_are_replaced() -> None:
    Posting.objects.exclude(bucket__lt=0).update(lists=joined({"t農": b"l\1"}))
    Entry.objects.filter(title="ワーケーション推進事業").update(title="何か")
    follow_changes(None)
    assert wrong_lists() == []
