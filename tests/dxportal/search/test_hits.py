"""What the index finds is what reading all texts finds, in the same order, also where there is more than is counted."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from dxportal.search import hits
from dxportal.search.hits import Count, Hits
from dxportal.search.matching import Others, matching, ranked
from dxportal.search.queries import LONGEST, Query
from dxportal.search.results import Search
from dxportal.search.synonyms import other_words, terms
from tests.dxportal.search.test_recall import SIGNS, TEXTS
from tests.examples import examples

pytestmark = pytest.mark.django_db

PARTS = st.builds(
    lambda text, start, length: text[start % len(text) :][:length],
    st.sampled_from(TEXTS),
    st.integers(0, 200),
    st.sampled_from([1, 2, 2, 3, 4, 8, 40]),
)
WORDS = PARTS | SIGNS | st.sampled_from(["農業", "デジタル", "推進事業"])
PIECES = st.builds(str.format, st.sampled_from(["{}", "{}", "-{}", '"{}"', '-"{}"']), WORDS)
QUERIES = st.lists(PIECES, min_size=1, max_size=4).map(" ".join)


def read_at_most(monkeypatch: pytest.MonkeyPatch, most: int, enough: int) -> None:
    monkeypatch.setattr(hits, "MOST", most)
    monkeypatch.setattr(hits, "ENOUGH", enough)


@pytest.fixture(params=[1000, 5])
def most(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many texts are read; with 5 this plan is as a large one."""
    read_at_most(monkeypatch, request.param, request.param)
    return int(request.param)


def in_text(query: Query, others: Others) -> list[int]:
    """The numbers of all hits in their order, by `LIKE` alone."""
    return list(ranked(query, others).values_list("number", flat=True))


@examples(100)
@given(asked=QUERIES, with_synonyms=st.booleans())
def test_hits_and_their_order_are_those_of_a_scan(most: int, asked: str, with_synonyms: bool) -> None:
    query = Query.of(asked.replace("\0", "")[:LONGEST])
    if not query.whole:
        return
    others = other_words(query, terms()) if with_synonyms else {}
    there = in_text(query, others)
    found = Hits(query, others)
    assert list(found.in_order()) == there
    for settled in (found, Hits(query, others)):
        settled.settle(most)
        between = settled.found()
        assert set(between.surely) <= set(there) <= set(between.maybe)
        count = Count.of(between)
        assert count == len(there) if count.is_exact else most <= count <= len(there)
    assert [int(one) for one in found.counted([query]) if one.is_exact] in ([len(there)], [])


@pytest.mark.parametrize("asked", ["業", "農業", "デジタル", "農業 -林業", '"推進"', "ＩＣＴ 活用", "する"])
def test_pages_hold_everything_once_however_much_is_counted(most: int, asked: str) -> None:
    query = Query.of(asked)
    found: list[int] = []
    page: Search | None = None
    while page is None or page.next:
        data = QueryDict(mutable=True)
        data.update({"q": asked, "page": str(page.page + 1 if page else 1), "synonyms": "0"})
        page = Search(data)
        found += [result.entry.number for result in page.results]
    assert not page.problems
    assert found == in_text(query, {})
    assert page.count == len(found)


def test_what_was_not_counted_says_at_least(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    read_at_most(monkeypatch, 5, 30)
    there = matching(Query.of("デジタル")).count()
    assert there > 90
    content = client.get("/search.json", {"q": "デジタル", "synonyms": "0"}).json()
    assert content["count"] is None
    assert 30 <= content["at_least"] < there
    html = client.get("/search/", {"q": "デジタル", "synonyms": "0"}).content.decode()
    assert f"{content['at_least']}件以上見つかりました。" in html
    assert "件以上</span>" in html
    # Characters and pairs are in the index as they are.
    there = matching(Query.of("する")).count()
    assert client.get("/search.json", {"q": "する"}).json()["count"] == there > 90


@pytest.mark.parametrize("page", [1, 2])
def test_texts_are_read_until_the_page_is_full(page: int, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    read_at_most(monkeypatch, 5, 5)
    there = matching(Query.of("デジタル")).count()
    content = client.get("/search.json", {"q": "デジタル", "synonyms": "0", "page": page}).json()
    assert len(content["results"]) == 20
    assert content["next"].endswith(f"page={page + 1}")
    assert 20 * page < content["at_least"] < there


def test_facets_are_never_more_than_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    read_at_most(monkeypatch, 5, 30)
    data = QueryDict("q=デジタル&synonyms=0")
    found = matching(Query.of("デジタル"))
    for facet in Search(data).facets:
        assert facet.values
        for value in facet.values:
            in_line = rf"(^|\n){facet.name} {value.code}(\n|$)"
            has = {"kind": value.code} if facet.name == "kind" else {"facets__regex": in_line}
            there = found.filter(**has)
            assert value.count <= there.count()
            assert value.count == there.count() or not value.count.is_exact
            assert value.count.words in {"", f"{int(value.count)}件以上", f"{there.count()}件"}


def test_of_very_many_entries_as_many_are_counted_as_are_known_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their texts lie far apart, and fewer are read."""
    query = Query.of("デジタル")
    there = in_text(query, {})
    assert len(there) > 90
    monkeypatch.setattr(hits, "ENOUGH", 30)
    monkeypatch.setattr(hits, "MOST_OF_MANY", 40)
    hits_of = Hits(query)
    hits_of.settle(30)
    assert Count.of(hits_of.found()) == len(there)
    monkeypatch.setattr(hits, "MANY", 90)
    hits_of = Hits(query)
    hits_of.settle(30)
    count = Count.of(hits_of.found())
    assert not count.is_exact
    assert 30 <= count < len(there)
    [other] = hits_of.counted([query])
    assert not other.is_exact
    assert 30 <= other < len(there)
    assert list(hits_of.in_order()) == there
    few = Query.of("スマート農業")
    hits_of = Hits(few)
    hits_of.settle()
    assert Count.of(hits_of.found()) == len(in_text(few, {}))


@pytest.mark.parametrize(
    "asked", ["q=業", "q=デジタル", "q=スマート農業&kind=project", "q=ＩＣＴ&department=kyoiku&year=2021"]
)
def test_a_value_of_a_facet_says_how_much_its_link_finds(asked: str) -> None:
    values = [value for facet in Search(QueryDict(asked)).facets for value in facet.values if not value.is_chosen]
    assert len(values) > 3
    for value in values:
        assert value.count.is_exact
        assert value.count == Search(QueryDict(value.href.partition("?")[2])).count


def test_few_texts_are_read(django_assert_num_queries: object) -> None:
    assert callable(django_assert_num_queries)
    Hits(Query.of("農業"))  # what is the same for every query is kept
    with django_assert_num_queries(1):
        found = Hits(Query.of("農業"))
        found.settle()
        assert Count.of(found.found()) > 5
    with django_assert_num_queries(2):
        found = Hits(Query.of("スマート農業"))
        found.settle()
        assert list(found.in_order())
