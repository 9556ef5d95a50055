"""How fast the machine is at the moment, for tests that time something while others have a share of it."""

from __future__ import annotations

import time
from collections.abc import Callable

IDLE = 0.05  # seconds for the loop below on an idle machine


def spent(work: Callable[[], object], times: int = 3) -> float:
    """The seconds of the processor that work takes, the least of several times."""
    taken = []
    for _ in range(times):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken)


def slowness() -> float:
    """How many times longer than on an idle machine work takes now; at least 1."""
    return max(1, spent(lambda: sum(range(5_000_000))) / IDLE)
