"""What is the same for every query as long as nothing is published, and the lists of a query, of the same state.

Each publication and each preview gives the index another name (postings.py). A search looks things up in what was read
last in this process, and reads with its lists the name of the state that these are of. Where that is another one, in
whichever process it was published, all is read again. The entries that are shown come with it, too (shown.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from catalog.models import Plan
from dxportal.changesets.current_plan import current_plan
from dxportal.search.buckets import FACETS
from dxportal.search.labels import Labels, labels
from dxportal.search.postings import Lists, Long, lengths, stored, version
from dxportal.search.synonyms import Terms, terms


@dataclass(frozen=True)
class State:
    """The lists of facets, which others are long, what values of facets are called, terms, and what stands around a
    page.
    """

    version: bytes
    facets: Lists
    long: Long
    labels: Labels
    terms: Terms
    plan: Plan | None

    @classmethod
    def read(cls) -> State:
        """Seven queries. What another publication changes meanwhile is read again with its name."""
        name, packed = stored((), FACETS)
        long = lengths()
        return cls(name, Lists(name, packed, {}, long), long, labels(), terms(), current_plan())


class Latest:
    """The state that was read last; in previews, too, of which nobody else knows the name."""

    state: State | None = None

    def get(self) -> State:
        """It may be another one by now."""
        return self.state or self.anew()

    def anew(self) -> State:
        """As this thread sees it; by the next line another one may have read another."""
        state = self.state = State.read()
        return state


LATEST = Latest()


def current() -> State:
    """The state that the index is in; one query, eight where it is not the latest."""
    state = LATEST.get()
    return state if state.version == version() else LATEST.anew()


def lists_for(keys: Callable[[State], Iterable[str]]) -> tuple[Lists, State]:
    """The lists of the keys that it takes to answer what is asked, and the state that they are of; one query."""
    state = LATEST.get()
    while True:
        found = Lists.read(keys(state), state.long)
        if found.version == state.version:
            return found, state
        state = LATEST.anew()
