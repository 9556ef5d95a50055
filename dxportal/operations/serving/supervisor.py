"""Supervisor: the process that starts, restarts and stops all other processes of a site on this host.

Each child leads a process group and inherits the read end of a pipe; only the supervisor holds the write end. However
the supervisor ends, the pipe then reaches end of file, and the child terminates its group (lifeline.py).
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

CHILD_POLL_INTERVAL = 0.1  # seconds
MIN_BACKOFF, MAX_BACKOFF = 0.1, 10.0  # seconds before a restart; doubled each time
STABLE_AFTER = 30.0  # seconds of running after which the backoff is reset
SECONDS_BEFORE_SIGKILL = 10.0  # between SIGTERM and SIGKILL


@dataclass
class ChildProcess:
    """Child process that runs as long as the site does."""

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
        """Send a signal to the process group of the child."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def reap(self) -> float:
        """Kill the remains of an ended child's process group; return the seconds to wait before a restart."""
        self.send_signal(signal.SIGKILL)
        self.process = None
        was_stable = time.monotonic() - self.started_at > STABLE_AFTER
        backoff = MIN_BACKOFF if was_stable else self.backoff
        self.backoff = min(2 * backoff, MAX_BACKOFF)
        return backoff


class Supervisor:
    """Runner of child processes until a signal stops it: started in their order, stopped in reverse."""

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
                time.sleep(CHILD_POLL_INTERVAL)
        finally:
            self.stop_children()

    def stop(self, *_: object) -> None:
        self.is_stopping = True

    def restart_ended_children(self) -> None:
        """Start each child that is not running and whose backoff is over."""
        for child in self.children:
            if child.has_ended():
                code = child.process.returncode if child.process else 0
                backoff = child.reap()
                self.restart_at[child.name] = time.monotonic() + backoff
                logger.error("%s has ended (%s) and is started again in %.1f s.", child.name, code, backoff)
            if child.process is None and time.monotonic() >= self.restart_at[child.name]:
                child.start(self.read_end)

    def stop_children(self) -> None:
        """Stop the children one by one in reverse order: SIGTERM, then SIGKILL after SECONDS_BEFORE_SIGKILL."""
        for child in reversed(self.children):
            if child.process is not None and not child.has_ended():
                child.process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    child.process.wait(SECONDS_BEFORE_SIGKILL)
            child.send_signal(signal.SIGKILL)
