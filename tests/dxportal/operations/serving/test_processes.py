"""Processes of a served site: a killed one is restarted, and none outlives the site."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ports import reserve_port
from tests.sites import clean_environment, is_up, prepare_checkout

pytestmark = [pytest.mark.on_no_database, pytest.mark.slow]

TIMEOUT = 60  # seconds


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare_checkout(tmp_path_factory.mktemp("processes"))


@contextmanager
def site(checkout: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run `manage.py serve`; yield the process and its port."""
    port = reserve_port()
    command = [sys.executable, "manage.py", "serve", "--no-prepare"]
    with (checkout / "serve.log").open("w") as log:
        server = subprocess.Popen(command, cwd=checkout, env=clean_environment(PORT=str(port)), stdout=log, stderr=log)
    try:
        wait_until(lambda: is_up(port), checkout)
        yield server, port
    finally:
        server.kill()
        server.wait()


def wait_until(is_so: Callable[[], object], checkout: Path) -> None:
    give_up = time.monotonic() + TIMEOUT
    while not is_so():
        assert time.monotonic() < give_up, (checkout / "serve.log").read_text()
        time.sleep(0.1)


def descendants(pid: int) -> list[int]:
    """Return the descendants of a process."""
    children = [
        int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()
    ]
    return [*children, *(process for child in children for process in descendants(child))]


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[0]
    except OSError:
        return False


def workers(pid: int) -> list[int]:
    """Return the worker processes: those that run granian and have no children."""
    return [process for process in descendants(pid) if "granian" in command_of(process) and not descendants(process)]


def test_a_worker_that_is_killed_again_and_again_comes_back(checkout: Path) -> None:
    with site(checkout) as (server, port):
        for _ in range(4):  # within seconds of each other
            wait_until(lambda: workers(server.pid), checkout)
            killed = workers(server.pid)
            for worker in killed:
                os.kill(worker, signal.SIGKILL)
            wait_until(lambda: is_up(port) and not any(map(is_alive, killed)), checkout)  # noqa: B023
        assert server.poll() is None
        log = (checkout / "serve.log").read_text()
        assert log.count("worker 1 has ended") == 4


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_server_that_ends_leaves_nothing_on_its_port(checkout: Path, number: signal.Signals) -> None:
    with site(checkout) as (server, port):
        started = descendants(server.pid)
        assert len(started) >= 3  # the server, its worker, the maker of files
        server.send_signal(number)
        server.wait(TIMEOUT)
        wait_until(lambda: not any(map(is_alive, started)), checkout)
        assert not is_up(port)
        assert server.returncode == (-number if number == signal.SIGKILL else 0)


def test_a_server_whose_own_parent_of_workers_is_killed_has_no_orphans(checkout: Path) -> None:
    with site(checkout) as (server, port):
        (worker,) = workers(server.pid)
        parent = int(Path(f"/proc/{worker}/stat").read_text().rpartition(") ")[2].split()[1])
        os.kill(parent, signal.SIGKILL)
        wait_until(lambda: not is_alive(worker) and is_up(port), checkout)
        assert len(workers(server.pid)) == 1


def test_a_maker_of_files_that_is_killed_is_taken_over(checkout: Path) -> None:
    with site(checkout) as (server, _):
        finished = checkout / "var" / "files"

        def maker() -> int:
            return next((process for process in descendants(server.pid) if "make_files" in command_of(process)), 0)

        wait_until(lambda: list(finished.glob("*/headers.json")), checkout)
        for room in finished.glob("*-*"):
            room.rename(room.with_name("taken away"))
        wait_until(maker, checkout)
        os.kill(maker(), signal.SIGKILL)
        wait_until(lambda: list(finished.glob("*-*/headers.json")), checkout)


def test_a_second_server_in_the_folder_lets_the_first_one_send_its_files(checkout: Path) -> None:
    with site(checkout), site(checkout):
        assert list((checkout / "var" / "files").glob("*-*/headers.json"))


def test_what_is_not_prepared_is_not_served(checkout: Path, tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "serve", "--no-prepare"]
    values = {"PORT": str(reserve_port()), "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3"}
    done = subprocess.run(
        command, cwd=checkout, env=clean_environment(**values), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr.strip().endswith("先に manage.py prepare を動かしてください。")
