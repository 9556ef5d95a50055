"""No two servers of tests that run at the same time are given one port."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import ExitStack

import pytest

from tests import ports
from tests.ports import HOST, reserve_port
from tests.sites import ROOT

pytestmark = pytest.mark.on_no_database

PROCESSES, PORTS_OF_EACH = 4, 25
RESERVE = "from tests.ports import reserve_port; print(*(reserve_port() for _ in range({count})), flush=True); input()"


def test_processes_that_reserve_at_the_same_time_get_different_ports() -> None:
    command = [sys.executable, "-c", RESERVE.format(count=PORTS_OF_EACH)]
    pipe = subprocess.PIPE
    with ExitStack() as stack:
        workers = [
            stack.enter_context(subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True))
            for _ in range(PROCESSES)
        ]
        reserved = [port for worker in workers if worker.stdout for port in worker.stdout.readline().split()]
        for worker in workers:
            worker.communicate("\n")
    assert len(set(reserved)) == len(reserved) == PROCESSES * PORTS_OF_EACH


def test_a_port_at_which_somebody_listens_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    port = reserve_port()
    with socket.create_server((HOST, port)):
        ports._locks.pop().close()
        monkeypatch.setattr(ports, "PORTS", [port])
        with pytest.raises(RuntimeError, match="in use"):
            reserve_port()


def test_a_server_can_listen_at_a_reserved_port() -> None:
    port = reserve_port()
    with socket.create_server((HOST, port)), socket.create_connection((HOST, port), timeout=5):
        pass
