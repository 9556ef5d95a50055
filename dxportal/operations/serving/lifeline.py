"""How a process learns that the one which looks after it is gone, also when that was killed."""

from __future__ import annotations

import os
import signal
import time
from threading import Thread

VARIABLE = "DXPORTAL_LIFELINE"  # the reading end of the supervisor's pipe
GRACE = 10  # seconds


def hold() -> None:
    """End this process, and those of its group, when the supervisor is gone; nothing where there is none."""
    if descriptor := os.environ.get(VARIABLE):
        Thread(target=end_with, args=(int(descriptor),), name="lifeline", daemon=True).start()


def end_with(descriptor: int) -> None:
    """Nobody writes into the pipe: reading returns when the last writing end is closed."""
    os.read(descriptor, 1)
    os.killpg(0, signal.SIGTERM)
    time.sleep(GRACE)
    os.killpg(0, signal.SIGKILL)
