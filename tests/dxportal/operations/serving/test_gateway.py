"""Gateway under a real server: slow clients block nobody, and every limit holds."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dxportal.operations.serving.clients import (
    connect,
    count_remaining_bytes,
    open_clients,
    read_status,
    request_status,
    send,
)
from tests.ports import reserve_port
from tests.sites import clean_environment, is_up

pytestmark = pytest.mark.on_no_database

TOLERANCE = 1.5  # seconds, on a machine that is busy with something else


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run a server of one process with two threads and small limits; yield its port."""
    port, log = reserve_port(), tmp_path_factory.mktemp("front") / "log"
    options = ["--interface", "asginl", "--port", str(port), "--http", "1", "--backpressure", "5000", "--no-log"]
    command = [
        sys.executable,
        "-m",
        "granian",
        *options,
        "tests.dxportal.operations.serving.example_gateway:application",
    ]
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out, env=clean_environment()) as server:
        give_up = time.monotonic() + 60
        while not is_up(port):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < give_up, log.read_text()
            time.sleep(0.1)
        yield port
        server.terminate()


def assert_others_are_answered(port: int, within: float = TOLERANCE) -> None:
    for path in ("/", "/healthz", "/readyz", "/page"):
        began = time.monotonic()
        assert request_status(port, path) == 200, path
        assert time.monotonic() - began < within, path


def test_slow_bodies_hold_nobody_and_are_cut_after_their_time(port: int) -> None:
    cookie, length = "Cookie: csrftoken=x", "Content-Length: 1000"
    with open_clients(port, 200, "POST", "/admin/login/", cookie, length, body=b"username=") as clients:
        assert_others_are_answered(port)
        statuses = [read_status(client) for client in clients]
    assert {*statuses} == {408, 503}
    assert statuses.count(408) == 16  # bodies in transit; the others were refused at once


def test_a_body_that_comes_byte_by_byte_has_the_same_time_in_all(port: int) -> None:
    with connect(port) as client:
        began = time.monotonic()
        send(client, port, "POST", "/admin/login/", "Content-Length: 1000")
        client.settimeout(0.2)
        status = 0
        while not status and time.monotonic() - began < 10:
            client.sendall(b"x")
            try:
                status = read_status(client)
            except TimeoutError:
                continue
    assert status == 408
    assert time.monotonic() - began < 2 + TOLERANCE


@pytest.mark.parametrize("path", ["/", "/plan/", "/budgets.csv", "/nowhere"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "BREW"])
def test_public_addresses_take_no_body(port: int, path: str, method: str) -> None:
    with connect(port) as client:
        send(client, port, method, path, "Content-Length: 1000000000")
        assert read_status(client) == 405


def test_what_is_sent_without_a_session_leads_to_signing_in_unread(port: int) -> None:
    with connect(port) as client:
        send(client, port, "POST", "/admin/budgets/budgetline/add/", "Content-Length: 1000000000")
        response = client.recv(4096)
    assert response.startswith(b"HTTP/1.1 303")
    assert b"\r\nlocation: /admin/login/?next=%2Fadmin%2Fbudgets%2Fbudgetline%2Fadd%2F\r\n" in response


@pytest.mark.parametrize("is_declared", [True, False])
def test_a_body_that_is_too_large_is_refused(port: int, is_declared: bool) -> None:
    size = 64 * 1024 + 1
    header = f"Content-Length: {size}" if is_declared else "Transfer-Encoding: chunked"
    body = b"" if is_declared else b"%x\r\n%s\r\n" % (size, b"x" * size)
    assert request_status(port, "/admin/login/", "POST", header, body=body) == 413
    whole = b"x" * (size - 1)
    assert request_status(port, "/admin/login/", "POST", f"Content-Length: {size - 1}", body=whole) == 200


def test_slow_readers_hold_nobody_and_are_cut(port: int) -> None:
    """Answer others by two threads while fourteen clients at one address do not read their 20 MB."""
    with open_clients(port, 14, "GET", "/many/20") as clients:
        assert_others_are_answered(port, within=10)  # once the responses are rendered, read or not
        assert_others_are_answered(port)
        assert request_status(port, "/many/20") == 503  # one more from this address
        time.sleep(4)  # longer than a reader of so much may let the server wait
        assert max(map(count_remaining_bytes, clients)) < 19 * 1024 * 1024
    assert request_status(port, "/many/5") == 200


def test_slow_readers_of_pages_in_memory_and_silent_connections_hold_nobody(port: int) -> None:
    with open_clients(port, 200, "GET", "/"), open_clients(port, 1, "GET", "/"):
        silent = [connect(port) for _ in range(1000)]
        assert_others_are_answered(port)
        for client in silent:
            client.close()


def test_while_all_threads_are_busy_what_needs_none_is_answered_and_the_rest_is_told_to_wait(port: int) -> None:
    with open_clients(port, 40, "GET", "/slow/0.5") as clients:
        for path in ("/", "/healthz", "/readyz"):
            began = time.monotonic()
            assert request_status(port, path) == 200
            assert time.monotonic() - began < TOLERANCE
        statuses = [read_status(client) for client in clients]
    assert statuses.count(200) == 20
    assert statuses.count(503) == 20


def test_what_fails_is_logged_and_told(port: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert request_status(port, "/fails") == 500
    log = Path(sorted(tmp_path_factory.getbasetemp().glob("front*/log"))[-1]).read_text()
    assert "GET /fails could not be answered." in log
    assert "RuntimeError: fails" in log
