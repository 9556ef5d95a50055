"""How long something takes, for tests on a machine that others have a share of."""

from __future__ import annotations

import time
from collections.abc import Callable

Work = Callable[[], object]


def seconds(work: Work) -> float:
    """Of the processor, not of the clock."""
    began = time.process_time()
    work()
    return time.process_time() - began


def spent(work: Work, times: int = 3) -> float:
    """The seconds of the processor that work takes, the least of several times."""
    return min(seconds(work) for _ in range(times))


def times_as_long(work: Work, yardstick: Work, times: int = 3) -> float:
    """How many times as long as something of like kind work takes; in turns, so that both meet the same machine."""
    pairs = [(seconds(work), seconds(yardstick)) for _ in range(times)]
    return min(pair[0] for pair in pairs) / min(pair[1] for pair in pairs)
