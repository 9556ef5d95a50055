"""Which requests may have a body, and reading it before any thread is taken."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from dxportal.operations.page_cache.cache_keys import METHODS, Environ
from dxportal.operations.serving.client_limits import MEGABYTE, BodyLimit

Receive = Callable[[], Awaitable[dict[str, Any]]]

STAFF_PREFIX = "/admin/"
# The addresses that take what is typed before anybody is signed in.
ANONYMOUS_FORM_PREFIXES = ("/admin/login/", "/admin/password-reset/")


class BodyTooLargeError(Exception):
    """A body of more bytes than are taken."""


class BodyTimeoutError(Exception):
    """A body that has not come in the time that is given to it."""


class ClientDisconnectedError(Exception):
    """The client has left before its request was whole."""


def allowed_methods(path: str) -> tuple[str, ...]:
    """The methods that an address can know: public ones only read."""
    return (*METHODS, "POST") if path.startswith(STAFF_PREFIX) else METHODS


def accepts_anonymous_form(path: str) -> bool:
    """Whether the address takes a body from people who are not signed in."""
    return path.startswith(ANONYMOUS_FORM_PREFIXES)


def declared_content_length(environ: Environ) -> int:
    """The size that the client announces; 0 where it announces none."""
    text = environ.get("CONTENT_LENGTH", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


async def read_body(receive: Receive, declared: int, limit: BodyLimit) -> tuple[IO[bytes], int]:
    """The whole body as a file at its beginning, in memory up to a megabyte, and its size.

    Raises TooLargeError, TooSlowError or GoneError.
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
