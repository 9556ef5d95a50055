"""How long something takes, for tests on a machine that others have a share of."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

Work = Callable[[], object]


def cpu_seconds(work: Work) -> float:
    """Of the processor, not of the clock."""
    began = time.process_time()
    work()
    return time.process_time() - began


def least_seconds(work: Work, times: int = 3) -> float:
    """The seconds of the processor that work takes, the least of several times."""
    return min(cpu_seconds(work) for _ in range(times))


def user_cpu_seconds(work: Work) -> float:
    """Of the processor in the process itself, without the kernel; for work of seconds, as it is counted by the tick.

    Python gives emptied arenas of memory back and asks for them again: of one and the same work that was 45,000 faults
    of pages in one process and 130,000 in another, half a second of the kernel's.
    """
    began = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    work()
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime - began


def time_ratio(work: Work, yardstick: Work, times: int = 3, measure: Callable[[Work], float] = cpu_seconds) -> float:
    """How many times as long as something of like kind work takes; in turns, so that both meet the same machine."""
    pairs = [(measure(work), measure(yardstick)) for _ in range(times)]
    return min(pair[0] for pair in pairs) / min(pair[1] for pair in pairs)
