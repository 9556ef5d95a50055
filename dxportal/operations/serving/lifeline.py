"""Detection of the supervisor's death: a pipe that reaches end of file however the supervisor ends."""

from __future__ import annotations

import os
import signal
import time
from threading import Thread

LIFELINE_VARIABLE = "DXPORTAL_LIFELINE"  # file descriptor of the pipe's read end
SECONDS_BEFORE_KILL = 10


def end_with_supervisor() -> None:
    """Terminate this process group when the supervisor ends; do nothing if there is no supervisor."""
    if descriptor := os.environ.get(LIFELINE_VARIABLE):
        Thread(target=wait_for_supervisor_death, args=(int(descriptor),), name="lifeline", daemon=True).start()


def wait_for_supervisor_death(descriptor: int) -> None:
    """Block until end of file, then end the process group. The read returns when the last write end is closed."""
    os.read(descriptor, 1)
    os.killpg(0, signal.SIGTERM)
    time.sleep(SECONDS_BEFORE_KILL)
    os.killpg(0, signal.SIGKILL)
