"""HTTP load on a server, and the CPU time that the server spends on it."""

from __future__ import annotations

import re
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPConnection

from bench.processes import TICKS, Server

PAUSE = 0.1  # seconds until a server has finished the work of the round before


@dataclass(frozen=True)
class PageRequest:
    """A request to a server, with the status that is expected."""

    server: Server
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 200


@dataclass(frozen=True)
class Rate:
    """Answers per wall-clock second, and per CPU second of the server."""

    wall: float
    processor: float


def measure_rate(request: PageRequest, seconds: float, connections: int) -> Rate:
    """Measure with `wrk` for some seconds over some connections; raise RuntimeError if any answer is an error."""
    time.sleep(PAUSE)
    cpu_seconds, began = request.server.cpu_seconds, time.monotonic()
    arguments = [f"-H{name}: {value}" for name, value in request.headers]
    done = subprocess.run(
        [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds}s",
            "--timeout=30s",
            *arguments,
            request.server.url(request.path),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    elapsed = time.monotonic() - began
    cpu_seconds = request.server.cpu_seconds - cpu_seconds
    count = re.search(r"(\d+) requests in", done.stdout)
    if count is None or count[1] == "0" or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(f"{request.server.name} {request.path}\n{done.stdout}{done.stderr}")
    return Rate(int(count[1]) / elapsed, int(count[1]) / cpu_seconds)


def fetch(request: PageRequest) -> tuple[bytes, dict[str, str]]:
    """Fetch the page once; return body and headers (names in lower case); raise RuntimeError on another status."""
    http_request = urllib.request.Request(request.server.url(request.path), headers=dict(request.headers))
    try:
        with urllib.request.urlopen(http_request, timeout=60) as response:
            status, body, headers = response.status, response.read(), response.headers
    except urllib.error.HTTPError as error:
        status, body, headers = error.code, error.read(), error.headers
    if status != request.status:
        raise RuntimeError(f"{request.server.name} {request.path}: {status} instead of {request.status}")
    return body, {name.lower(): value for name, value in headers.items()}


def measure_sequence(request: PageRequest, count: int) -> Rate:
    """Measure a number of requests, one after another over one connection."""
    time.sleep(PAUSE)
    cpu_before, began = request.server.cpu_seconds, time.monotonic()
    connection = HTTPConnection("127.0.0.1", request.server.port, timeout=60)
    for _ in range(count):
        connection.request("GET", request.path, headers=dict(request.headers))
        answer = connection.getresponse()
        answer.read()
        if answer.status != request.status:
            raise RuntimeError(f"{request.server.name} {request.path}: {answer.status} instead of {request.status}")
    elapsed = time.monotonic() - began
    connection.close()
    cpu_seconds = max(
        request.server.cpu_seconds - cpu_before, 1 / TICKS
    )  # two fast pages may take less than is counted in
    return Rate(count / elapsed, count / cpu_seconds)
