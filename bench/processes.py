"""Server processes: start, wait until they answer, and measure CPU time and memory including children."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
START_TIMEOUT = 120  # seconds in which a server has to answer


@dataclass(frozen=True)
class Server:
    """A running server: its port, and the pid of its root process."""

    name: str
    port: int
    pid: int

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def cpu_seconds(self) -> float:
        return cpu_seconds(self.pid)


def cpu_seconds(root: int) -> float:
    """Return CPU seconds (user and system) of a process and its descendants, including ended ones."""
    return sum(cpu_ticks(pid) for pid in process_tree(root)) / TICKS


def process_tree(root: int) -> Iterator[int]:
    yield root
    for task in Path(f"/proc/{root}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from process_tree(int(child))


def cpu_ticks(pid: int) -> int:
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return 0
    return sum(map(int, after_name[11:15]))


def memory_kilobytes(root: int, field: str = "VmRSS") -> int:
    """Return kilobytes of memory of a process and its descendants; VmHWM is the peak since `reset_memory_peaks`."""
    total = 0
    for pid in process_tree(root):
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))
    return total


def reset_memory_peaks(root: int) -> None:
    for pid in process_tree(root):
        Path(f"/proc/{pid}/clear_refs").write_text("5")


@contextmanager
def run_server(
    name: str, command: Sequence[str | Path], port: int, path: str, log: Path, cwd: Path, **values: str
) -> Iterator[Server]:
    """Run a server until the block ends; wait first until it answers at `path`."""
    environment: Mapping[str, str] = {**os.environ, **values}
    with log.open("w") as out:
        process = subprocess.Popen(
            list(map(str, command)),
            cwd=cwd,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        server = Server(name, port, process.pid)
        deadline = time.monotonic() + START_TIMEOUT
        while not is_up(server.url(path)):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} は答えません。\n{log.read_text()[-2000:]}")
            time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def is_up(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=30):
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
