"""Request bodies: read in the event loop within limits, before a thread is used."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from dxportal.operations.page_cache.cache_keys import METHODS, Environ
from dxportal.operations.serving.client_limits import MEGABYTE, BodyLimit

Receive = Callable[[], Awaitable[dict[str, Any]]]

STAFF_PREFIX = "/admin/"
# Forms for users who are not signed in.
ANONYMOUS_FORM_PREFIXES = ("/admin/login/", "/admin/password-reset/")


class BodyTooLargeError(Exception):
    """Raised for a body above its maximum size."""


class BodyTimeoutError(Exception):
    """Raised for a body that has not arrived in time."""


class ClientDisconnectedError(Exception):
    """Raised when the client disconnects before its request is complete."""


def allowed_methods(path: str) -> tuple[str, ...]:
    """Return the methods that a path may accept: POST for staff only."""
    return (*METHODS, "POST") if path.startswith(STAFF_PREFIX) else METHODS


def accepts_anonymous_form(path: str) -> bool:
    """Tell whether a path accepts a body from users who are not signed in."""
    return path.startswith(ANONYMOUS_FORM_PREFIXES)


def declared_content_length(environ: Environ) -> int:
    """Return the Content-Length in bytes; 0 if it is missing or malformed."""
    text = environ.get("CONTENT_LENGTH", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


async def read_body(receive: Receive, declared: int, limit: BodyLimit) -> tuple[IO[bytes], int]:
    """Read a body into a file, in memory up to a megabyte; return the rewound file and its size in bytes.

    Raises BodyTooLargeError, BodyTimeoutError or ClientDisconnectedError.
    """
    if declared > limit.max_size:
        raise BodyTooLargeError
    body: IO[bytes] = SpooledTemporaryFile(max_size=MEGABYTE)  # noqa: SIM115  # closed by the caller
    size, is_whole = 0, False
    try:
        async with asyncio.timeout(limit.timeout):
            while not is_whole:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnectedError
                chunk = message.get("body", b"")
                size, is_whole = size + len(chunk), not message.get("more_body", False)
                if size > limit.max_size:
                    raise BodyTooLargeError
                body.write(chunk)
    except TimeoutError:
        body.close()
        raise BodyTimeoutError from None
    except BaseException:
        body.close()
        raise
    body.seek(0)
    return body, size
