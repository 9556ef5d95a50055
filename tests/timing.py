"""CPU time of a piece of work, for tests on a shared machine."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable

Work = Callable[[], object]


def allow_seconds(seconds: float) -> float:
    """Return a bound of CPU seconds; where lines are traced for coverage, Python takes several times as long."""
    return seconds * (5 if sys.gettrace() else 1)


def cpu_seconds(work: Work) -> float:
    """Return the CPU seconds of a piece of work."""
    began = time.process_time()
    work()
    return time.process_time() - began


def least_seconds(work: Work, times: int = 3) -> float:
    """Return the CPU seconds of a piece of work, the least of several runs."""
    return min(cpu_seconds(work) for _ in range(times))


def user_cpu_seconds(work: Work) -> float:
    """Return CPU seconds in user mode; for work of seconds, as the kernel counts in ticks.

    Python gives emptied arenas of memory back and asks for them again: of one and the same work that was 45,000 faults
    of pages in one process and 130,000 in another, half a second of the kernel's.
    """
    began = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    work()
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime - began


def time_ratio(work: Work, yardstick: Work, times: int = 3, measure: Callable[[Work], float] = cpu_seconds) -> float:
    """Return the time of a piece of work divided by that of a yardstick; both run in turns, under the same load."""
    pairs = [(measure(work), measure(yardstick)) for _ in range(times)]
    return min(pair[0] for pair in pairs) / min(pair[1] for pair in pairs)
