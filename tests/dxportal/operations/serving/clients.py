"""Clients as no browser is: they send slowly, read slowly, or say nothing at all."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

HEAD = "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\n{headers}\r\n"


def connected(port: int, source: str = "127.0.0.1") -> socket.socket:
    """A client at the address `source`, one of this machine's own."""
    client = socket.socket()
    # A small window, so that little of a response fits between the server and a reader who does not read.
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(20)
    client.bind((source, 0))
    client.connect(("127.0.0.1", port))
    return client


def send(client: socket.socket, port: int, method: str, path: str, *headers: str, body: bytes = b"") -> None:
    lines = "".join(f"{header}\r\n" for header in headers)
    client.sendall(HEAD.format(method=method, path=path, port=port, headers=lines).encode() + body)


@contextmanager
def many(
    port: int, number: int, method: str, path: str, *headers: str, body: bytes = b"", source: str = "127.0.0.1"
) -> Iterator[list[socket.socket]]:
    """So many clients that have sent this, and neither send nor read any more."""
    with ExitStack() as stack:
        clients = [stack.enter_context(connected(port, source)) for _ in range(number)]
        for client in clients:
            send(client, port, method, path, *headers, body=body)
        yield clients


def status_of(port: int, path: str, method: str = "GET", *headers: str, body: bytes = b"") -> int:
    """The status of a response, read at once."""
    with connected(port) as client:
        send(client, port, method, path, "Connection: close", *headers, body=body)
        return status_from(client)


def status_from(client: socket.socket) -> int:
    """The status of what comes next; 0 where the connection is closed."""
    try:
        first = client.recv(4096)
    except ConnectionResetError:
        return 0
    return int(first.split()[1]) if first else 0


def rest_of(client: socket.socket) -> int:
    """How many bytes still come, read as fast as can be, until the server ends."""
    received = 0
    try:
        while chunk := client.recv(1 << 20):
            received += len(chunk)
    except ConnectionResetError:
        pass
    return received
