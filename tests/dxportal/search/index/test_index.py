"""Whatever documents go in and whatever is asked, the index answers as a plain scan does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from dxportal.search.index import Index, Limits
from dxportal.search.models import PostingRow, SearchDocument
from tests.dxportal.search.index.documents import (
    CONDITIONS,
    FACETS,
    FILTERS,
    KINDS,
    SMALL,
    documents,
    fill,
    has,
    index_with,
    scan,
    tier_of,
)
from tests.examples import examples

pytestmark = pytest.mark.django_db

LIMITS = st.sampled_from([SMALL, replace(SMALL, long_list_bytes=1 << 10, large_index=1 << 14), Limits()])
SETS = st.lists(documents(st.integers(0, 99)), max_size=14, unique_by=lambda document: document.pk)
TIERS = st.lists(CONDITIONS, max_size=3)
# Few keys, so that documents replace each other.
CHANGES = st.lists(
    st.tuples(
        st.sets(st.integers(0, 20)),
        st.lists(documents(st.integers(0, 20)), max_size=8, unique_by=lambda document: document.pk),
    ),
    max_size=4,
)


def titled(number: int, title: str, order: str = "0") -> SearchDocument:
    return SearchDocument(
        row=UUID(int=number), kind="project", folded_title=title, folded_names=title, folded=title, order=order
    )


def found(index: Index, word: str) -> list[int]:
    ids = list(index.search(Q(folded__contains=word)))
    keys = dict(SearchDocument.objects.filter(number__in=ids).values_list("number", "row"))
    return [keys[one].int for one in ids]


@examples(200)
@given(SETS, CONDITIONS, TIERS, FILTERS, LIMITS, st.integers(0, 5))
def test_hits_are_those_of_a_scan(
    some: list[SearchDocument],
    condition: Q,
    tiers: list[Q],
    filters: Mapping[str, list[str]],
    limits: Limits,
    enough: int,
) -> None:
    index = index_with(limits)
    fill(index, some)
    some = list(SearchDocument.objects.all())
    right = [document.number for document in scan(some, condition, tiers, filters)]

    assert list(index.search(condition, tiers, filters)) == right

    hits = index.search(condition, tiers, filters).settle(enough)
    bounds, count = hits.bounds(), hits.facet_counter()
    assert set(bounds.lower) <= set(right) <= set(bounds.upper)
    assert len(bounds.lower) >= min(enough, len(right))
    for facet, value in [("kind", kind) for kind in KINDS] + [facet.split(" ") for facet in FACETS]:
        others = {name: values for name, values in filters.items() if name != facet}
        right_count = len([one for one in scan(some, condition, tiers, others) if has(one, facet, [value])])
        counted, is_all = count(facet, value)
        assert counted == right_count if is_all else counted <= right_count
    assert list(hits) == right
    numbered = {document.number: document for document in some}
    assert [hits.tier_of(one) for one in right] == [tier_of(numbered[one], tiers) for one in right]


@examples(60)
@given(SETS, CHANGES, CONDITIONS, LIMITS)
def test_after_any_updates_the_index_is_that_of_the_documents_it_holds(
    first: list[SearchDocument], changes: list[tuple[set[int], list[SearchDocument]]], condition: Q, limits: Limits
) -> None:
    index = index_with(limits)
    fill(index, first)
    right = {document.pk: document for document in first}
    for removed, new in changes:
        keys = {UUID(int=key) for key in removed}
        index.update(keys, new)
        right = {key: one for key, one in right.items() if key not in keys} | {one.pk: one for one in new}
        assert index.wrong_chunks() == []
        stored = {document.pk: document for document in SearchDocument.objects.all()}
        assert stored.keys() == right.keys()
        assert all(stored[key].folded == one.folded for key, one in right.items())
        assert list(index.search(condition)) == [one.number for one in scan(stored.values(), condition, [], {})]


@pytest.fixture
def index() -> Index:
    """Of three documents; another `index_with` is that of another process."""
    one = index_with(replace(SMALL, rebuild_share=0))
    fill(one, [titled(1, "農業", "1"), titled(2, "林業", "2"), titled(3, "水産業", "3")])
    return one


def test_a_title_is_compared_as_a_whole_however_long_it_is(index: Index) -> None:
    long = "長" * 200
    index.update([], [titled(4, long), titled(5, long + "い"), titled(6, long[:-1])])
    assert found(index, long) == [4, 5]
    assert [one.row.int for one in SearchDocument.objects.filter(number__in=index.search(Q(folded_title=long)))] == [4]


def test_what_another_process_writes_is_found_at_once(index: Index) -> None:
    assert found(index, "業") == [1, 2, 3]
    index_with(SMALL).update([UUID(int=1)], [titled(4, "工業", "0")])
    assert found(index, "業") == [4, 2, 3]
    assert found(index, "農業") == []


def test_what_is_rolled_back_is_not_found(index: Index) -> None:
    assert found(index, "工業") == []
    with transaction.atomic():
        index.update([], [titled(4, "工業")])
        assert found(index, "工業") == [4]
        transaction.set_rollback(True)
    assert found(index, "業") == [1, 2, 3]
    assert found(index, "工業") == []


def test_a_search_reads_its_lists_at_once_and_texts_only_where_lists_leave_a_doubt(index: Index) -> None:
    assert found(index_with(SMALL), "水産業") == [3]
    index.search(Q())
    for condition, queries in ((Q(folded__contains="農業"), 1), (Q(folded__contains="水産業"), 2)):
        with CaptureQueriesContext(connection) as captured:
            assert list(index.search(condition))
        assert len(captured) == queries


def test_every_update_gives_another_version(index: Index) -> None:
    versions = [index.read(lambda snapshot: snapshot.version)]
    for removed in ([], [UUID(int=1)]):
        index.update(removed, [])
        index.read(lambda snapshot: snapshot.require_current())
        versions.append(index.read(lambda snapshot: snapshot.version))
    assert len({*versions}) == 3


def test_an_update_reads_and_writes_what_it_touches_however_many_documents_there_are() -> None:
    def touched(count: int) -> tuple[int, int, int]:
        """Queries, documents that move, and rows of lists that are written."""
        index = index_with(replace(Limits(), chunk_ids=50, rebuild_share=1))
        fill(index, [titled(number, f"第{number:04}の事業", f"{number:05}") for number in range(count)])
        numbers = dict(SearchDocument.objects.values_list("row", "number"))
        rows = set(PostingRow.objects.values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as captured:
            index.update([UUID(int=30)], [titled(1000, "新しい事業", "00040")])
        assert index.wrong_chunks() == []
        return (
            len(captured),
            sum(numbers.get(row) != number for row, number in SearchDocument.objects.values_list("row", "number")),
            len(set(PostingRow.objects.values_list("pk", flat=True)) - rows),
        )

    queries, moved, written = touched(100)
    assert moved <= Limits().ids_per_free_id + 1
    assert touched(400) == (queries, moved, written)


def test_the_check_tells_of_wrong_lists_and_a_rebuild_mends_them(index: Index) -> None:
    row = PostingRow.objects.filter(bucket__gte=0).first()
    assert row is not None
    PostingRow.objects.filter(pk=row.pk).update(lists=b"\n\0")
    assert index.wrong_chunks() == [row.chunk]
    index.rebuild()
    assert index.wrong_chunks() == []
    SearchDocument.objects.filter(row=UUID(int=1)).update(number=99)
    assert index.wrong_chunks()
    index.rebuild()
    assert index.wrong_chunks() == []
    assert found(index, "業") == [1, 2, 3]


def test_a_rebuild_replaces_what_nothing_can_read(index: Index) -> None:
    PostingRow.objects.filter(bucket__gte=0).update(lists=b"of another version of the programme")
    SearchDocument.objects.update(number=None)
    index.rebuild()
    assert index.wrong_chunks() == []
    assert found(index, "業") == [1, 2, 3]


def test_a_rebuild_writes_nothing_that_is_right(index: Index) -> None:
    rows = PostingRow.objects.order_by("pk").filter(bucket__gte=0)
    before = list(rows.values_list("pk", "lists"))
    index.rebuild()
    assert list(rows.values_list("pk", "lists")) == before
