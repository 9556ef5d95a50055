"""Requests one after another are counted with the CPU time that they cost the server."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, cast

import pytest

from bench.http_load import PageRequest, measure_sequence
from bench.processes import TICKS

pytestmark = pytest.mark.on_no_database


class OkHandler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@dataclass
class StubServer:
    """A server whose CPU time does not advance."""

    port: int
    cpu_seconds: float = 1.0
    name: str = "quick"


def test_what_takes_less_than_is_counted_in_took_one_tick() -> None:
    server = HTTPServer(("127.0.0.1", 0), OkHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        rate = measure_sequence(PageRequest(cast(Any, StubServer(server.server_port)), "/"), 2)
        assert rate.processor == 2 * TICKS
        with pytest.raises(RuntimeError, match="quick /: 200 instead of 404"):
            measure_sequence(PageRequest(cast(Any, StubServer(server.server_port)), "/", status=404), 1)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
