"""Render the pages whose paths arrive on standard input, one a line; print the cost of each as a line of JSON."""

from __future__ import annotations

import json
import logging
import sys
import time
from threading import Timer
from typing import Any

import django


def main(timeout: float) -> None:
    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from bench.cpu_time import cpu_seconds, pin_to_one_core

    logging.disable()  # a page that is given up is reported in the output
    pin_to_one_core()
    client = Client(HTTP_HOST="127.0.0.1", raise_request_exception=False)
    for line in sys.stdin:
        connection.ensure_connection()
        handle: Any = connection.connection
        timer = Timer(timeout, handle.interrupt if hasattr(handle, "interrupt") else handle.cancel)
        timer.start()
        began, clock = cpu_seconds(), time.monotonic()
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(line.strip())
            answer.getvalue()
        seconds = cpu_seconds() - began
        timer.cancel()
        given_up = answer.status_code >= 500 or time.monotonic() - clock > timeout
        print(json.dumps({"ms": 1000 * seconds, "queries": len(queries), "given_up": given_up}), flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]))
