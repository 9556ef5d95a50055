"""Responses that a thread renders and the event loop sends, so that no thread waits for a slow client.

Output that the client has not taken yet is spooled to a temporary file.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import IO, Any

from dxportal.operations.page_cache.cache_keys import Environ
from dxportal.operations.page_cache.cached_pages import Headers, WsgiApplication
from dxportal.operations.serving.client_limits import KILOBYTE, MEGABYTE, ClientLimits

Send = Callable[[dict[str, Any]], Awaitable[None]]

MESSAGE_SIZE = 64 * KILOBYTE  # largest body message handed to the server


class SlowClientError(Exception):
    """Raised when the client takes longer than a response of this size may take."""


class ResponseAbortedError(Exception):
    """Raised in the rendering thread when the response is no longer wanted."""


class StreamedResponse:
    """Response of a WSGI application while it is rendered and sent.

    `size` is the number of bytes rendered so far; `is_complete` is set when no more will follow.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.status = 0
        self.headers: Headers = []
        self.file: IO[bytes] = SpooledTemporaryFile(max_size=MEGABYTE)  # noqa: SIM115  # closed with the response
        self.size = self.awaited_size = 0
        self.error: BaseException | None = None
        self.is_complete = self.is_aborted = False
        self.lock = Lock()  # reader and writer share the position of the file
        self.progress = asyncio.Event()

    # Called in the rendering thread

    def run(self, application: WsgiApplication, environ: Environ) -> None:
        """Run the application and spool its body; an exception is raised again in the event loop."""
        try:
            body = application(environ, self.start)
            try:
                for chunk in body:
                    self.write(chunk)
            finally:
                if close := getattr(body, "close", None):
                    close()
        except ResponseAbortedError:
            return
        except BaseException as error:
            self.error = error
        self.is_complete = True
        self.notify()

    def start(self, status: str, headers: Headers, exc_info: Any = None) -> None:
        self.status, self.headers = int(status[:3]), headers

    def write(self, chunk: bytes) -> None:
        with self.lock:
            if self.is_aborted:
                raise ResponseAbortedError
            self.file.seek(self.size)
            self.file.write(chunk)
            self.size += len(chunk)
        if self.size >= self.awaited_size:
            self.notify()

    def notify(self) -> None:
        self.loop.call_soon_threadsafe(self.progress.set)

    # Called in the event loop

    async def wait_for_more_than(self, size: int) -> None:
        """Wait until more than `size` bytes are rendered, or all; raise the application's exception."""
        self.awaited_size = size + 1
        while not self.is_complete and self.size <= size:
            await self.progress.wait()
            self.progress.clear()
        if self.error is not None:
            raise self.error

    def read(self, at: int) -> bytes:
        with self.lock:
            self.file.seek(at)
            return self.file.read(MESSAGE_SIZE)

    def close(self) -> None:
        """Close the file; a thread that is still writing gets ResponseAbortedError."""
        with self.lock:
            self.is_aborted = True
            self.file.close()


class ResponseSender:
    """Sender of one response, which measures how long the client blocks it."""

    def __init__(self, send: Send, limits: ClientLimits) -> None:
        self.send = send
        self.limits = limits
        self.has_started = False
        self.bytes_sent = 0
        self.seconds_waited = 0.0

    async def start(self, status: int, headers: Headers) -> None:
        self.has_started = True
        encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await self.send({"type": "http.response.start", "status": status, "headers": encoded})

    async def send_whole(self, status: int, headers: Headers, body: bytes) -> None:
        """Send a response whose body is in memory."""
        if len(body) > MESSAGE_SIZE:
            return await self.send_chunks(
                status, headers, (body[at : at + MESSAGE_SIZE] for at in range(0, len(body), MESSAGE_SIZE))
            )
        await self.start(status, headers)
        return await self.send({"type": "http.response.body", "body": body, "more_body": False})

    async def send_chunks(self, status: int, headers: Headers, chunks: Iterable[bytes]) -> None:
        """Send a response whose chunks are available without waiting, such as those of a file."""
        await self.start(status, headers)
        for chunk in chunks:
            await self.send_chunk(chunk)
        await self.send_chunk(b"", is_last=True)

    async def stream(self, response: StreamedResponse) -> None:
        """Send a response while it is rendered."""
        await self.start(response.status, response.headers)
        while chunk := response.read(self.bytes_sent):
            await self.send_chunk(chunk)
            await response.wait_for_more_than(self.bytes_sent)
        await self.send_chunk(b"", is_last=True)

    async def send_chunk(self, chunk: bytes, *, is_last: bool = False) -> None:
        """Send a chunk; raise SlowClientError if the client has blocked the response for too long in all."""
        started_at = time.monotonic()
        limits = self.limits
        allowed = limits.initial_wait + self.bytes_sent / MEGABYTE * limits.wait_per_megabyte - self.seconds_waited
        try:
            async with asyncio.timeout(allowed):
                await self.send({"type": "http.response.body", "body": chunk, "more_body": not is_last})
        except TimeoutError:
            raise SlowClientError from None
        self.bytes_sent += len(chunk)
        self.seconds_waited += time.monotonic() - started_at
