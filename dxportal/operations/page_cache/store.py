"""Where finished pages stand: of one revision, bounded by bytes, each made once however many wait for it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Event, Lock

from dxportal.operations.page_cache.cache_keys import Key
from dxportal.operations.page_cache.cached_pages import Page

LARGEST = 8  # a page that would take more than this part of the shelf is not kept
PATIENCE = 30  # seconds for which a request waits for the page that another one is making


class Making:
    """A page that is being made; `page` is there when it is done, unless it came to nothing that can be kept."""

    def __init__(self) -> None:
        self.done = Event()
        self.page: Page | None = None


class Shelf:
    """Pages by key; those that were asked for least recently are put away when `limit` bytes are full."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self.revision: str | None = None  # none is known before the first look: nothing is kept
        self.pages: OrderedDict[Key, Page] = OrderedDict()
        self.making: dict[Key, Making] = {}
        self.lock = Lock()

    def turn_to(self, revision: str) -> None:
        """Keep pages of this revision from now on; those of another are gone."""
        with self.lock:
            if revision != self.revision:
                self.revision, self.size = revision, 0
                self.pages.clear()
                self.making.clear()  # who comes now must not get what was begun before

    def get(self, key: Key) -> Page | None:
        with self.lock:
            page = self.pages.get(key)
            if page is not None:
                self.pages.move_to_end(key)
            return page

    def get_or_make(self, key: Key, make: Callable[[], Page]) -> Page | None:
        """The page, made by the first who asks. None for those who waited for one that cannot be kept."""
        with self.lock:
            if page := self.pages.get(key):
                return page
            other, revision = self.making.get(key), self.revision
            if other is None:
                mine = self.making[key] = Making()
        if other is not None:
            other.done.wait(PATIENCE)
            return other.page
        try:
            page = make()
            if page.answers:
                mine.page = page
                self.put(key, page, revision)
            return page
        finally:
            with self.lock:
                if self.making.get(key) is mine:
                    del self.making[key]
            mine.done.set()

    def put(self, key: Key, page: Page, revision: str | None) -> None:
        """Keep a page whose rendering began when `revision` was known, if it still is."""
        size = page.size
        with self.lock:
            if revision is None or revision != self.revision or size > self.limit // LARGEST or key in self.pages:
                return
            self.pages[key] = page
            self.size += size
            while self.size > self.limit:
                self.size -= self.pages.popitem(last=False)[1].size
