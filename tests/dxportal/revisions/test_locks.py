"""Transactions that are rolled back on SQLite take turns, and leave the database free between two."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from dxportal.revisions.locks import PAUSE_SECONDS, wait_for_turn

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has an order of waiting")
HELD_SECONDS = 0.05


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "of-a-test.sqlite3"
    file.touch()
    monkeypatch.setitem(connection.settings_dict, "NAME", str(file))


def side_by_side(count: int, do: Callable[[], None]) -> None:
    threads = [Thread(target=do) for _ in range(count)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def test_side_by_side_they_run_one_after_the_other_with_a_pause() -> None:
    times: list[tuple[float, float]] = []
    begin = Barrier(3)

    def hold() -> None:
        begin.wait()
        with wait_for_turn():
            began = time.monotonic()
            time.sleep(HELD_SECONDS)
            times.append((began, time.monotonic()))

    side_by_side(3, hold)
    times.sort()
    pauses = [began - ended for (_, ended), (began, _) in pairwise(times)]
    assert all(pause >= PAUSE_SECONDS for pause in pauses)


def test_one_alone_waits_for_nobody() -> None:
    took: list[float] = []

    def hold() -> None:
        began = time.monotonic()
        for _ in range(5):
            with wait_for_turn():
                pass
        took.append(time.monotonic() - began)

    side_by_side(1, hold)
    assert took[0] < PAUSE_SECONDS


@pytest.mark.django_db
def test_who_has_the_database_does_not_wait_for_the_turn(tmp_path: Path) -> None:
    with transaction.atomic(), wait_for_turn():
        assert not (tmp_path / "of-a-test.sqlite3-turn").exists()
