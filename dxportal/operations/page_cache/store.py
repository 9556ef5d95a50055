"""In-memory store of cached pages: one revision, least recently used first out, single-flight rendering."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Event, Lock

from dxportal.operations.page_cache.cache_keys import CacheKey
from dxportal.operations.page_cache.cached_pages import CachedPage

MAX_PAGE_DIVISOR = 8  # a page larger than this fraction (1/8) of the limit is not stored
WAIT_SECONDS = 30  # how long a request waits for the same page being rendered by another


class InFlight:
    """A render in progress (single-flight). `page` stays None if the response is not cacheable."""

    def __init__(self) -> None:
        self.done = Event()
        self.page: CachedPage | None = None


class PageStore:
    """LRU cache of pages by key, bounded by `limit` bytes; thread-safe."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self.revision: str | None = None  # unknown until the first poll: nothing is stored before
        self.pages: OrderedDict[CacheKey, CachedPage] = OrderedDict()
        self.in_flight: dict[CacheKey, InFlight] = {}
        self.lock = Lock()

    def set_revision(self, revision: str) -> None:
        """Drop all pages unless they are of this revision."""
        with self.lock:
            if revision != self.revision:
                self.revision, self.size = revision, 0
                self.pages.clear()
                self.in_flight.clear()  # a new request must not get a page of the old revision

    def get(self, key: CacheKey) -> CachedPage | None:
        with self.lock:
            page = self.pages.get(key)
            if page is not None:
                self.pages.move_to_end(key)
            return page

    def get_or_render(self, key: CacheKey, make: Callable[[], CachedPage]) -> CachedPage | None:
        """Return the page, rendered by the first of concurrent requests; None for the others if it is not cacheable."""
        with self.lock:
            if page := self.pages.get(key):
                return page
            other, revision = self.in_flight.get(key), self.revision
            if other is None:
                mine = self.in_flight[key] = InFlight()
        if other is not None:
            other.done.wait(WAIT_SECONDS)
            return other.page
        try:
            page = make()
            if page.answers:
                mine.page = page
                self.put(key, page, revision)
            return page
        finally:
            with self.lock:
                if self.in_flight.get(key) is mine:
                    del self.in_flight[key]
            mine.done.set()

    def put(self, key: CacheKey, page: CachedPage, revision: str | None) -> None:
        """Store a page whose rendering began at `revision`, if that is still the current one."""
        size = page.size
        with self.lock:
            if (
                revision is None
                or revision != self.revision
                or size > self.limit // MAX_PAGE_DIVISOR
                or key in self.pages
            ):
                return
            self.pages[key] = page
            self.size += size
            while self.size > self.limit:
                self.size -= self.pages.popitem(last=False)[1].size
