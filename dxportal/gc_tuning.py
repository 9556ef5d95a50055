"""What Python's collector of unused objects has to look through, where very many objects live for a second."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# A sheet of two thousand rows makes millions of objects that live for a second. With Python's 700 they are looked
# through again and again, which takes a third of the time; with this, a few megabytes may wait a little longer.
GENERATION_0_THRESHOLD = 10_000


def freeze_startup_objects() -> None:
    """Call when everything is loaded: what is there by now stays, and is not looked through any more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GENERATION_0_THRESHOLD)


@contextmanager
def frozen_startup_objects() -> Iterator[None]:
    """The same, until the block ends; in a process where nothing is settled for good."""
    thresholds = gc.get_threshold()
    freeze_startup_objects()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
