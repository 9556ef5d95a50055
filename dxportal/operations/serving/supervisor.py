"""The one process that starts, watches and stops all others of a site on this host.

Each child is a process group of its own and holds the reading end of a pipe whose writing end the supervisor alone has:
when the supervisor is gone, however it went, the pipe is at its end, and the child ends itself (lifeline.py).
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from dxportal.operations.serving.lifeline import LIFELINE_VARIABLE

logger = logging.getLogger(__name__)

POLL_INTERVAL = 0.1  # seconds between two looks at the children
MIN_BACKOFF, MAX_BACKOFF = 0.1, 10.0  # before a child that has ended is started again; doubled each time ...
STABLE_AFTER = 30.0  # ... until it has lived for so long
SECONDS_BEFORE_KILL = 10.0  # seconds in which a child has to end when it is asked to


@dataclass
class ChildProcess:
    """A process that has to run as long as the site does."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0
    backoff: float = MIN_BACKOFF

    def start(self, read_end: int) -> None:
        environment = {**os.environ, **self.environment, LIFELINE_VARIABLE: str(read_end)}
        self.process = subprocess.Popen(  # noqa: S603  # no shell: the command is ours
            self.command, env=environment, pass_fds=[read_end], start_new_session=True
        )
        self.started_at = time.monotonic()

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def send_signal(self, number: int) -> None:
        """Send a signal to the child and all that it has started."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def reap(self) -> float:
        """End what the child has left behind; the seconds to wait before it is started again."""
        self.send_signal(signal.SIGKILL)
        self.process = None
        was_stable = time.monotonic() - self.started_at > STABLE_AFTER
        backoff = MIN_BACKOFF if was_stable else self.backoff
        self.backoff = min(2 * backoff, MAX_BACKOFF)
        return backoff


class Supervisor:
    """Runs children until it is told to stop: they are started in their order, and stopped in the opposite one."""

    def __init__(self, children: Iterable[ChildProcess]) -> None:
        self.children = list(children)
        self.restart_at = {child.name: 0.0 for child in self.children}
        self.is_stopping = False
        self.read_end, self.write_end = os.pipe()

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.stop)
        try:
            while not self.is_stopping:
                self.restart_ended_children()
                time.sleep(POLL_INTERVAL)
        finally:
            self.stop_children()

    def stop(self, *_: object) -> None:
        self.is_stopping = True

    def restart_ended_children(self) -> None:
        """Start what has to run and does not, when its pause is over."""
        for child in self.children:
            if child.has_ended():
                code = child.process.returncode if child.process else 0
                backoff = child.reap()
                self.restart_at[child.name] = time.monotonic() + backoff
                logger.error("%s has ended (%s) and is started again in %.1f s.", child.name, code, backoff)
            if child.process is None and time.monotonic() >= self.restart_at[child.name]:
                child.start(self.read_end)

    def stop_children(self) -> None:
        """Stop the children one after the other, the last started first, each within its time."""
        for child in reversed(self.children):
            if child.process is not None and not child.has_ended():
                child.process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    child.process.wait(SECONDS_BEFORE_KILL)
            child.send_signal(signal.SIGKILL)
