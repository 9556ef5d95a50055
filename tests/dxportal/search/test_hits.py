"""Hits equal a scan of all texts, in the same order, also if there are more than are counted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from dxportal.public.search import count_as_json
from dxportal.search.index import Index, Limits
from dxportal.search.matching import condition_for, tiers_for
from dxportal.search.models import SearchDocument
from dxportal.search.queries import MAX_QUERY_LENGTH, Query
from dxportal.search.results import Search
from dxportal.search.synonyms import expand_query, read_synonyms
from tests.dxportal.search.full_scan import matches, scan
from tests.dxportal.search.index.documents import has, index_with
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


def reading(count: int, enough: int) -> Index:
    """An index to which this plan is large: that many texts are read to count, or to know enough hits."""
    return index_with(replace(Limits(), verified_for_count=count, enough_hits=enough))


def searched(query: str, index: Index, **parameters: object) -> Search:
    data = QueryDict(mutable=True)
    data.update({"q": query, "synonyms": "0"} | {name: str(value) for name, value in parameters.items()})
    return Search(data, index)


def meant(query: str) -> list[SearchDocument]:
    return scan(Query.parse(query), SearchDocument.objects.all())


@examples(100)
@given(asked=QUERIES, with_synonyms=st.booleans(), index=st.sampled_from([reading(1000, 1000), reading(5, 5)]))
def test_hits_and_their_order_are_those_of_a_scan(asked: str, with_synonyms: bool, index: Index) -> None:
    query = Query.parse(asked.replace("\0", "")[:MAX_QUERY_LENGTH])
    if not query.whole:
        return
    others = expand_query(query, read_synonyms()) if with_synonyms else {}
    right = [document.number for document in scan(query, SearchDocument.objects.all(), others)]
    assert list(index.search(condition_for(query, others), tiers_for(query, others))) == right


def test_a_hit_is_direct_if_it_holds_what_was_typed() -> None:
    found = Search(QueryDict("q=デジタル改革"))
    for document in SearchDocument.objects.filter(number__in=found.ids):
        assert found.is_direct(document.number) == matches(found.query, document)


@pytest.mark.parametrize("index", [reading(1000, 1000), reading(5, 5)])
@pytest.mark.parametrize("asked", ["業", "農業", "デジタル", "農業 -林業", '"推進"', "ＩＣＴ 活用", "する"])
def test_pages_hold_everything_once_however_much_is_counted(index: Index, asked: str) -> None:
    found: list[int] = []
    page: Search | None = None
    while page is None or page.next:
        page = searched(asked, index, page=page.page + 1 if page else 1)
        found += [result.document.number for result in page.results]
    assert not page.problems
    assert found == [document.number for document in meant(asked)]
    assert page.count == len(found)


def test_what_was_not_counted_says_at_least(rf: RequestFactory) -> None:
    found = searched("デジタル", reading(5, 30))
    assert 30 <= found.count < len(meant("デジタル"))
    assert count_as_json(found.count) == {"count": None, "at_least": found.count}
    context = {"search": found, "query": found.text, "plan": found.context.plan}
    html = render_to_string("public/search.html", context, rf.get("/search/"))
    assert f"{int(found.count)}件以上見つかりました。" in html
    assert "件以上</span>" in html
    # Characters and pairs are in the index as they are.
    found = searched("する", reading(5, 30))
    assert count_as_json(found.count) == {"count": len(meant("する"))}
    assert found.count > 90


@pytest.mark.parametrize("page", [1, 2])
def test_texts_are_read_until_the_page_is_full(page: int) -> None:
    found = searched("デジタル", reading(5, 5), page=page)
    assert len(found.results) == 20
    assert found.next.endswith(f"page={page + 1}")
    assert 20 * page < found.count < len(meant("デジタル"))


@pytest.mark.parametrize("index", [reading(1000, 1000), reading(5, 30)])
def test_facets_are_never_more_than_there_are(index: Index) -> None:
    documents = meant("デジタル")
    for facet in searched("デジタル", index).facets:
        assert facet.values
        for value in facet.values:
            right = len([document for document in documents if has(document, facet.name, [value.code])])
            assert value.count == right if value.count.is_exact else value.count <= right
            assert value.count.words in {"", f"{int(value.count)}件以上", f"{right}件"}


@pytest.mark.parametrize(
    "asked", ["q=業", "q=デジタル", "q=スマート農業&kind=project", "q=ＩＣＴ&department=kyoiku&year=2021"]
)
def test_a_value_of_a_facet_says_how_much_its_link_finds(asked: str) -> None:
    values = [value for facet in Search(QueryDict(asked)).facets for value in facet.values if not value.is_chosen]
    assert len(values) > 3
    for value in values:
        assert value.count.is_exact
        assert value.count == Search(QueryDict(value.href.partition("?")[2])).count
