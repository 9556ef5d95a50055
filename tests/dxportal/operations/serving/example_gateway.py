"""Gateway around a fake application, run by a real server.

/many/100       100 megabytes, rendered at once
/slow/3         a page that takes three seconds
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dxportal.settings")

import django
from django.conf import settings

# No static files have been collected here.
settings.STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
django.setup()

from dxportal.concurrency_limits import ConcurrencyLimit  # noqa: E402
from dxportal.operations.page_cache.cached_pages import CachedPage  # noqa: E402
from dxportal.operations.serving.client_limits import BodyLimit, ClientLimits  # noqa: E402
from dxportal.operations.serving.gateway import AsgiGateway  # noqa: E402

IN_MEMORY = CachedPage.of("200 OK", [("Content-Type", "text/html")], b"<p>in memory</p>" * 1000, keep=True)
MEGABYTE = b"x" * 1024 * 1024


class Pages:
    """Fake of PageCacheMiddleware."""

    def respond_from_cache(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes] | None:
        return IN_MEMORY.send(environ, "gzip", start_response) if environ["PATH_INFO"] == "/" else None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        kind, _, number = environ["PATH_INFO"].strip("/").partition("/")
        start_response("200 OK", [("Content-Type", "text/plain")])
        if kind == "many":
            return (MEGABYTE for _ in range(int(number)))
        if kind == "slow":
            time.sleep(float(number))
        if kind == "fails":
            raise RuntimeError(kind)
        if environ["REQUEST_METHOD"] == "POST":
            return iter([b"%d bytes" % len(environ["wsgi.input"].read())])
        return iter([b"done"])


application = AsgiGateway(
    Pages(),  # type: ignore[arg-type]
    ClientLimits(
        anonymous=BodyLimit(64 * 1024, 2, ConcurrencyLimit(16, 16)),
        large_responses=ConcurrencyLimit(100, 14),
        initial_wait=2,
        wait_per_megabyte=0.1,
        threads=2,
        max_pending_in_django=20,
    ),
)
