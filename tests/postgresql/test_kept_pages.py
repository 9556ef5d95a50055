"""Pages in memory beside a PostgreSQL that others publish to, that hangs, and that is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg2
import pytest

from tests import postgres
from tests.dxportal.operations.page_cache.publishing import PAGE, fetch, fetch_often, seen_after
from tests.ports import reserve_port
from tests.sites import ROOT, clean_environment, copy_checkout, run_site


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with postgres.run_cluster() as url:
        yield url


@pytest.fixture(scope="module")
def site(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a site with two workers."""
    port = reserve_port()
    with run_site(copy_checkout(tmp_path_factory.mktemp("kept")), port, WORKERS="2", DATABASE_URL=url):
        yield port


def server_of(url: str) -> int:
    """The process of the server, which has started all others."""
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        (folder,) = cursor.fetchone() or ("",)
    connection.close()
    return int((Path(folder) / "postmaster.pid").read_text().split()[0])


def processes_of(server: int) -> list[int]:
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return [server, *map(int, children)]


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    give_up = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.1)
    return True


def test_what_is_published_is_seen_by_both_workers_within_a_second(site: int, url: str) -> None:
    assert seen_after(site, url, 33_333) < 1


def test_limits_of_time_reach_the_database(url: str) -> None:
    asked = (
        "from django.db import connection\n"
        "with connection.cursor() as cursor:\n"
        "    cursor.execute(\"SELECT current_setting('statement_timeout'), current_setting('lock_timeout')\")\n"
        "    print(*cursor.fetchone())"
    )
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", asked],
        cwd=ROOT,
        env=clean_environment(DATABASE_URL=url, STATEMENT_TIMEOUT="7", LOCK_TIMEOUT="3"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.split() == ["7s", "3s"], done.stderr


def test_a_server_that_hangs_keeps_no_reader_of_memory_waiting(site: int, url: str) -> None:
    before = fetch_often(site, PAGE)
    with ExitStack() as woken:
        for process in processes_of(server_of(url)):
            woken.callback(os.kill, process, signal.SIGCONT)
            os.kill(process, signal.SIGSTOP)
        time.sleep(1)  # the threads that look for the revision hang by now
        began = time.monotonic()
        assert fetch_often(site, PAGE) == before
        assert time.monotonic() - began < 5
    assert within(30, lambda: fetch(site, "/readyz")[0] == 200)
    assert seen_after(site, url, 22_222) < 1


def test_a_server_that_is_stopped_takes_no_page_from_memory(site: int, url: str) -> None:
    before = fetch_often(site, PAGE)
    os.kill(server_of(url), signal.SIGINT)  # a fast shutdown
    assert within(30, lambda: fetch(site, "/readyz")[0] == 503)
    for _ in range(3):
        assert fetch_often(site, PAGE) == before
    status, headers, body = fetch(site, "/departments/kyoiku/")
    assert (status, headers["retry-after"]) == (503, "10")
    assert "少し時間をおいて、もう一度お試しください。" in body.decode()
    assert fetch(site, "/healthz")[0] == 200
