"""How a process learns that the one which looks after it is gone, also when that was killed."""

from __future__ import annotations

import os
import signal
import time
from threading import Thread

LIFELINE_VARIABLE = "DXPORTAL_LIFELINE"  # the reading end of the supervisor's pipe
SECONDS_BEFORE_KILL = 10  # seconds


def end_with_supervisor() -> None:
    """End this process, and those of its group, when the supervisor is gone; nothing where there is none."""
    if descriptor := os.environ.get(LIFELINE_VARIABLE):
        Thread(target=wait_for_supervisor_death, args=(int(descriptor),), name="lifeline", daemon=True).start()


def wait_for_supervisor_death(descriptor: int) -> None:
    """Nobody writes into the pipe: reading returns when the last writing end is closed."""
    os.read(descriptor, 1)
    os.killpg(0, signal.SIGTERM)
    time.sleep(SECONDS_BEFORE_KILL)
    os.killpg(0, signal.SIGKILL)
