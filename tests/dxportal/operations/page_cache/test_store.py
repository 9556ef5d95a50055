"""Page store: bounded, of one revision, one render per page (single-flight)."""

from __future__ import annotations

import time
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxportal.operations.page_cache.cache_keys import CacheKey
from dxportal.operations.page_cache.cached_pages import OVERHEAD_BYTES, CachedPage
from dxportal.operations.page_cache.store import MAX_PAGE_DIVISOR, PageStore

pytestmark = pytest.mark.on_no_database

A, B, C = CacheKey("/a/"), CacheKey("/b/"), CacheKey("/c/")


def page(body: bytes = b"x", *, keep: bool = True) -> CachedPage:
    return CachedPage.of("200 OK", [("Content-Type", "text/html")], body, keep=keep)


def store_of(limit: int) -> PageStore:
    store = PageStore(limit)
    store.set_revision(1)
    return store


def test_the_least_recently_asked_for_makes_room() -> None:
    room = page().size
    store = store_of(room * MAX_PAGE_DIVISOR)
    keys = [CacheKey(f"/{number}/") for number in range(MAX_PAGE_DIVISOR)]
    for key in keys:
        store.put(key, page(), 1)
    assert store.get(keys[0])
    store.put(A, page(), 1)
    assert store.get(keys[0])
    assert store.get(keys[1]) is None
    assert store.size == room * MAX_PAGE_DIVISOR


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 30_000), st.booleans()), max_size=60))
def test_memory_is_bounded_whatever_comes(asked: list[tuple[int, int, bool]]) -> None:
    store = store_of(100_000)
    for number, length, moves in asked:
        store.get_or_render(CacheKey(f"/{number}/"), lambda length=length: page(b"x" * length))
        if moves:
            store.set_revision(length)
        assert store.size == sum(kept.size for kept in store.pages.values()) <= 100_000
        assert store.in_flight == {}


def test_a_page_that_would_fill_an_eighth_is_not_kept() -> None:
    store = store_of((OVERHEAD_BYTES + 40_000) * MAX_PAGE_DIVISOR)
    assert store.get_or_render(A, lambda: page(b"x" * 50_000))
    assert store.get(A) is None
    assert store.get_or_render(B, lambda: page(b"x" * 30_000))
    assert store.get(B)


def test_a_new_revision_empties_the_shelf_and_the_same_does_not() -> None:
    store = store_of(100_000)
    store.put(A, page(), 1)
    store.set_revision(1)
    assert store.get(A)
    store.set_revision(2)
    assert store.get(A) is None
    assert store.size == 0


def test_what_was_begun_before_the_catalogue_moved_is_not_kept() -> None:
    store = store_of(100_000)

    def make() -> CachedPage:
        store.set_revision(2)
        return page()

    assert store.get_or_render(A, make)
    assert store.get(A) is None


def test_who_asks_after_the_move_does_not_get_what_was_begun_before() -> None:
    store = store_of(100_000)

    def make() -> CachedPage:
        store.set_revision(2)
        assert store.get_or_render(A, lambda: page(b"new")) is not None
        return page(b"old")

    store.get_or_render(A, make)
    kept = store.get(A)
    assert kept
    assert kept.body == b"new"


def test_nothing_is_kept_before_the_revision_is_known() -> None:
    store = PageStore(100_000)
    assert store.get_or_render(A, page)
    assert store.get(A) is None


class Waiting:
    """Several who ask for one page at the same moment; each makes a page of its own where it is told to."""

    def __init__(self, store: PageStore, *, keep: bool = True, fail: bool = False) -> None:
        self.store, self.keep, self.fail = store, keep, fail
        self.made = 0
        self.got: list[CachedPage | str | None] = []

    def make(self) -> CachedPage:
        self.made += 1
        time.sleep(0.2)
        if self.fail:
            raise RuntimeError
        return page(keep=self.keep)

    def run(self, count: int) -> None:
        together = Barrier(count)

        def one() -> None:
            together.wait()
            try:
                self.got.append(self.store.get_or_render(A, self.make))
            except RuntimeError:
                self.got.append("failed")

        threads = [Thread(target=one) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()


def test_however_many_wait_it_is_made_once() -> None:
    waiting = Waiting(store_of(100_000))
    waiting.run(20)
    assert waiting.made == 1
    assert len({id(got) for got in waiting.got}) == 1
    assert waiting.got[0] is waiting.store.get(A)


@pytest.mark.parametrize("trouble", ["fail", "keep"])
def test_if_it_comes_to_nothing_the_others_are_told(trouble: str) -> None:
    waiting = Waiting(store_of(100_000), fail=trouble == "fail", keep=trouble != "keep")
    waiting.run(8)
    assert waiting.made == 1
    assert waiting.got.count(None) == 7
    assert waiting.store.get(A) is None
    assert waiting.store.in_flight == {}
    assert waiting.store.get_or_render(A, page)


def test_pages_do_not_wait_for_other_pages() -> None:
    store = store_of(100_000)
    assert store.get_or_render(A, lambda: store.get_or_render(B, page) or page())
    assert store.get(B)
    assert store.get(C) is None
