"""Asking a server as fast as it answers, and what that has cost it."""

from __future__ import annotations

import re
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPConnection

from bench.processes import TICKS, Server

PAUSE = 0.1  # seconds after which what a server still does is no longer for the round before


@dataclass(frozen=True)
class Asked:
    """What is asked of a server: a path with headers, and the status of the answer."""

    server: Server
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 200


@dataclass(frozen=True)
class Rate:
    """Answers per second that passed, and per second of the server's processor."""

    wall: float
    processor: float


def rate(asked: Asked, seconds: float, connections: int) -> Rate:
    """Ask for some seconds over some connections, with `wrk`; every answer has to be one."""
    time.sleep(PAUSE)
    spent, began = asked.server.processor_seconds, time.monotonic()
    arguments = [f"-H{name}: {value}" for name, value in asked.headers]
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout=30s", *arguments, asked.server.url(asked.path)],
        capture_output=True,
        text=True,
        check=True,
    )
    passed = time.monotonic() - began
    spent = asked.server.processor_seconds - spent
    answered = re.search(r"(\d+) requests in", done.stdout)
    if answered is None or answered[1] == "0" or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(f"{asked.server.name} {asked.path}\n{done.stdout}{done.stderr}")
    return Rate(int(answered[1]) / passed, int(answered[1]) / spent)


def look(asked: Asked) -> tuple[bytes, dict[str, str]]:
    """The answer once, with its headers in lower case; what it has to be is checked."""
    request = urllib.request.Request(asked.server.url(asked.path), headers=dict(asked.headers))
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            status, body, headers = response.status, response.read(), response.headers
    except urllib.error.HTTPError as error:
        status, body, headers = error.code, error.read(), error.headers
    if status != asked.status:
        raise RuntimeError(f"{asked.server.name} {asked.path}: {status} instead of {asked.status}")
    return body, {name.lower(): value for name, value in headers.items()}


def sequence(asked: Asked, count: int) -> Rate:
    """Ask a number of times, one after another, over one connection."""
    time.sleep(PAUSE)
    spent, began = asked.server.processor_seconds, time.monotonic()
    connection = HTTPConnection("127.0.0.1", asked.server.port, timeout=60)
    for _ in range(count):
        connection.request("GET", asked.path, headers=dict(asked.headers))
        answer = connection.getresponse()
        answer.read()
        if answer.status != asked.status:
            raise RuntimeError(f"{asked.server.name} {asked.path}: {answer.status} instead of {asked.status}")
    passed = time.monotonic() - began
    connection.close()
    taken = max(asked.server.processor_seconds - spent, 1 / TICKS)  # two fast pages may take less than is counted in
    return Rate(count / passed, count / taken)
