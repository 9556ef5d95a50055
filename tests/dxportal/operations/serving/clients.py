"""Raw sockets as misbehaving clients: they send slowly, read slowly, or stay silent."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

HEAD = "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\n{headers}\r\n"


def connect(port: int, source: str = "127.0.0.1") -> socket.socket:
    """Connect a client from the address `source`, one of this machine's own."""
    client = socket.socket()
    # A small receive window, so that little of a response fits into buffers while the client does not read.
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(20)
    client.bind((source, 0))
    client.connect(("127.0.0.1", port))
    return client


def send(client: socket.socket, port: int, method: str, path: str, *headers: str, body: bytes = b"") -> None:
    lines = "".join(f"{header}\r\n" for header in headers)
    client.sendall(HEAD.format(method=method, path=path, port=port, headers=lines).encode() + body)


@contextmanager
def open_clients(
    port: int, number: int, method: str, path: str, *headers: str, body: bytes = b"", source: str = "127.0.0.1"
) -> Iterator[list[socket.socket]]:
    """Connect `number` clients that send one request and then neither send nor read."""
    with ExitStack() as stack:
        clients = [stack.enter_context(connect(port, source)) for _ in range(number)]
        for client in clients:
            send(client, port, method, path, *headers, body=body)
        yield clients


def request_status(port: int, path: str, method: str = "GET", *headers: str, body: bytes = b"") -> int:
    """Send a request and return the status of its response."""
    with connect(port) as client:
        send(client, port, method, path, "Connection: close", *headers, body=body)
        return read_status(client)


def read_status(client: socket.socket) -> int:
    """Return the status of the next response; 0 if the connection is closed."""
    try:
        first = client.recv(4096)
    except ConnectionResetError:
        return 0
    return int(first.split()[1]) if first else 0


def count_remaining_bytes(client: socket.socket) -> int:
    """Read until the server closes the connection; return the number of bytes."""
    received = 0
    try:
        while chunk := client.recv(1 << 20):
            received += len(chunk)
    except ConnectionResetError:
        pass
    return received
