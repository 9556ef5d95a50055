"""The lists of the index are those of its entries, from one publication to the next."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given

from catalog.models import Department
from dxportal.changesets.recording import as_it_would_be
from dxportal.changesets.workflow import differences_of, undo
from dxportal.revisions.publish import follow
from dxportal.search import buckets, writing
from dxportal.search.buckets import LENGTHS, SHARED, buckets_of, joined, lengths_in
from dxportal.search.grams import keys_for
from dxportal.search.hits import Count, Hits
from dxportal.search.indexing import follow_changes, wrong_lists
from dxportal.search.matching import matching, ranked
from dxportal.search.models import Entry, Posting
from dxportal.search.postings import version
from dxportal.search.queries import Query
from projects.models import Project
from tests.dxportal.changesets.edits import Edit, edits
from tests.dxportal.changesets.sets import open_set, published, somebody
from tests.examples import examples

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["shared", "of their own"])
def rows(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The lists share rows, as those of a plan do; or many are long, as in a large catalogue."""
    if request.param == "of their own":
        monkeypatch.setattr(buckets, "LONG", 24)  # of more than four entries
        follow_changes(None)
        assert Posting.objects.filter(bucket__gte=SHARED).count() > 100
    return str(request.param)


def test_keys_share_few_rows() -> None:
    assert not Posting.objects.filter(bucket__gte=SHARED).exists()
    assert Posting.objects.count() <= SHARED + 2


def test_of_long_lists_the_lengths_are_known_and_others_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "LONG", 200)
    follow_changes(None)
    long = lengths_in(bytes(Posting.objects.get(bucket=LENGTHS).lists))
    assert min(long.values()) >= 200
    assert {"tする", "t推進"} <= long.keys()
    assert not {"tデジ", "t星空"} & long.keys()
    stored = {key: bytes(Posting.objects.get(bucket=buckets_of(key)[-1]).lists) for key in long}
    assert all(len(stored[key].partition(b"\0")[2]) == length for key, length in long.items())


def test_pairs_with_short_lists_are_looked_up_first() -> None:
    def keys(text: str, *lengths: int) -> list[str]:
        pairs = dict(zip(("t農業", "t業の", "tの推", "t推進"), lengths, strict=True))
        return keys_for("folded__contains", text, {key: length for key, length in pairs.items() if length})[0]

    assert keys("農業の推進", 0, 0, 0, 0) == ["t農業", "t業の", "tの推", "t推進"]
    assert keys("農業の推進", 9, 0, 0, 0) == ["t業の", "tの推", "t推進"]
    assert keys("農業の推進", 9, 0, 0, 8) == ["t業の", "tの推", "t推進", "t農業"]
    assert keys("農業の推進", 7, 9, 6, 8) == ["tの推", "t農業", "t推進", "t業の"]
    assert keys("農業", 9, 0, 0, 0) == ["t農業"]
    names = keys_for("folded_names__contains", "農業の推", {"n農業": 9})[0]
    assert names == ["n業の", "nの推", "n農業"], "of names three are looked up"


@pytest.mark.parametrize(
    "asked", ["業", "農業", "デジタル", "デジタル 推進", "推進 -デジタル", "ＩＣＴ活用", "推進事業"]
)
def test_hits_are_those_of_a_scan_wherever_lists_stand(rows: str, asked: str) -> None:
    there = list(ranked(Query.of(asked)).values_list("number", flat=True))
    assert list(Hits(Query.of(asked)).in_order()) == there
    assert there, rows


@examples(15)
@given(done=edits)
def test_after_any_edits_the_lists_are_those_of_the_entries(minamihoshi: object, rows: str, done: list[Edit]) -> None:
    assert wrong_lists() == [], rows
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

    before = version()
    wanted = differences_of(open_set(lambda: Project.objects.filter(code="workation").update(name="ふしぎな名の事業")))
    with as_it_would_be(wanted):
        follow(wanted)
        assert found() == 1
        assert version() != before
    assert found() == 0
    assert version() == before


def test_an_index_without_numbers_is_given_them() -> None:
    Entry.objects.update(number=None)
    Posting.objects.all().delete()
    assert wrong_lists() == [0]
    follow_changes(None)
    assert wrong_lists() == []
    assert not Entry.objects.filter(number=None).exists()


def test_the_check_tells_of_wrong_lists() -> None:
    row = Posting.objects.get(bucket=buckets_of("t農")[0])
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
