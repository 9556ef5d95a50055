"""What another process publishes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dxportal.search.postings import KEPT
from dxportal.search.state import LATEST


@contextmanager
def elsewhere() -> Iterator[None]:
    """What the block does is done by another process: nothing of this one's memory is any different after it."""
    state = LATEST.state
    lists = KEPT.version, KEPT.size, {**KEPT.kept}
    try:
        yield
    finally:
        LATEST.state = state
        KEPT.version, KEPT.size, KEPT.kept = lists
