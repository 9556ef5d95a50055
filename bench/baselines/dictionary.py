"""A file from a dictionary: as little as a WSGI application can do."""

import os
from pathlib import Path

BODY = (Path(os.environ["SERVED"]) / "index.html.gz").read_bytes()
HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Encoding", "gzip"),
    ("Vary", "Accept-Encoding"),
    ("Content-Length", str(len(BODY))),
]
PAGES = {"/index.html": (HEADERS, BODY)}


def application(environ, start_response):
    headers, body = PAGES[environ["PATH_INFO"]]
    start_response("200 OK", headers[:])
    return [body]
