"""Sending a response: a thread writes it as fast as it is made, the event loop sends it as fast as the reader takes it.

So no thread waits for a reader. What cannot be sent at once lies in a temporary file until it is sent or given up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import IO, Any

from dxportal.operations.page_cache.cache_keys import Environ
from dxportal.operations.page_cache.cached_pages import Headers
from dxportal.operations.serving.client_limits import KILOBYTE, MEGABYTE, ClientLimits

Application = Callable[..., Iterable[bytes]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

CHUNK_SIZE = 64 * KILOBYTE  # what is handed to the server at a time


class SlowClientError(Exception):
    """The reader has taken longer than a response of this size may take."""


class ResponseAbortedError(Exception):
    """Nobody reads the response any more; raised in the thread that still makes it."""


class StreamedResponse:
    """A WSGI application's response while it is being made and sent.

    `size` bytes are there; `is_whole` when no more will come.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.status = 0
        self.headers: Headers = []
        self.file: IO[bytes] = SpooledTemporaryFile(max_size=MEGABYTE)  # noqa: SIM115  # closed with the response
        self.size = self.awaited_size = 0
        self.error: BaseException | None = None
        self.is_complete = self.is_aborted = False
        self.lock = Lock()  # of the file, which has one position for both sides
        self.progress = asyncio.Event()

    # In the thread that makes it

    def run(self, application: Application, environ: Environ) -> None:
        """Run the application and write all that it answers; what it raises is raised where the response is awaited."""
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

    # In the event loop

    async def wait_for_more_than(self, size: int) -> None:
        """Wait until there are more bytes than that, or all."""
        self.awaited_size = size + 1
        while not self.is_complete and self.size <= size:
            await self.progress.wait()
            self.progress.clear()
        if self.error is not None:
            raise self.error

    def read(self, at: int) -> bytes:
        with self.lock:
            self.file.seek(at)
            return self.file.read(CHUNK_SIZE)

    def close(self) -> None:
        """Free the file; a thread that still writes is told by GivenUpError."""
        with self.lock:
            self.is_aborted = True
            self.file.close()


class ResponseSender:
    """Sends one response and counts how long its reader lets it wait."""

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
        """Send a response that is all there."""
        if len(body) > CHUNK_SIZE:
            return await self.send_chunks(
                status, headers, (body[at : at + CHUNK_SIZE] for at in range(0, len(body), CHUNK_SIZE))
            )
        await self.start(status, headers)
        return await self.send({"type": "http.response.body", "body": body, "more_body": False})

    async def send_chunks(self, status: int, headers: Headers, chunks: Iterable[bytes]) -> None:
        """Send a response whose chunks are at hand, such as a file's."""
        await self.start(status, headers)
        for chunk in chunks:
            await self.send_chunk(chunk)
        await self.send_chunk(b"", is_last=True)

    async def stream(self, response: StreamedResponse) -> None:
        """Send a response of which more may still come."""
        await self.start(response.status, response.headers)
        while chunk := response.read(self.bytes_sent):
            await self.send_chunk(chunk)
            await response.wait_for_more_than(self.bytes_sent)
        await self.send_chunk(b"", is_last=True)

    async def send_chunk(self, chunk: bytes, *, is_last: bool = False) -> None:
        """Raises SlowReaderError where the reader has let all that was sent wait for too long."""
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
