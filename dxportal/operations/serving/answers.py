"""Sending an answer: a thread writes it as fast as it is made, the event loop sends it as fast as the reader takes it.

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
from dxportal.operations.serving.limits import KILOBYTE, MEGABYTE, Limits

Application = Callable[..., Iterable[bytes]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

PIECE = 64 * KILOBYTE  # what is handed to the server at a time


class SlowReaderError(Exception):
    """The reader has taken longer than an answer of this size may take."""


class GivenUpError(Exception):
    """Nobody reads the answer any more; raised in the thread that still makes it."""


class Answer:
    """A WSGI application's answer while it is being made and sent.

    `size` bytes are there; `is_whole` when no more will come.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.status = 0
        self.headers: Headers = []
        self.file: IO[bytes] = SpooledTemporaryFile(max_size=MEGABYTE)  # noqa: SIM115  # closed with the answer
        self.size = self.wanted = 0
        self.error: BaseException | None = None
        self.is_whole = self.is_given_up = False
        self.lock = Lock()  # of the file, which has one position for both sides
        self.has_moved = asyncio.Event()

    # In the thread that makes it

    def make(self, application: Application, environ: Environ) -> None:
        """Run the application and write all that it answers; what it raises is raised where the answer is awaited."""
        try:
            body = application(environ, self.begin)
            try:
                for piece in body:
                    self.write(piece)
            finally:
                if close := getattr(body, "close", None):
                    close()
        except GivenUpError:
            return
        except BaseException as error:
            self.error = error
        self.is_whole = True
        self.notify()

    def begin(self, status: str, headers: Headers, exc_info: Any = None) -> None:
        self.status, self.headers = int(status[:3]), headers

    def write(self, piece: bytes) -> None:
        with self.lock:
            if self.is_given_up:
                raise GivenUpError
            self.file.seek(self.size)
            self.file.write(piece)
            self.size += len(piece)
        if self.size >= self.wanted:
            self.notify()

    def notify(self) -> None:
        self.loop.call_soon_threadsafe(self.has_moved.set)

    # In the event loop

    async def comes_to(self, size: int) -> None:
        """Wait until there are more bytes than that, or all."""
        self.wanted = size + 1
        while not self.is_whole and self.size <= size:
            await self.has_moved.wait()
            self.has_moved.clear()
        if self.error is not None:
            raise self.error

    def read(self, at: int) -> bytes:
        with self.lock:
            self.file.seek(at)
            return self.file.read(PIECE)

    def close(self) -> None:
        """Free the file; a thread that still writes is told by GivenUpError."""
        with self.lock:
            self.is_given_up = True
            self.file.close()


class Sender:
    """Sends one answer and counts how long its reader lets it wait."""

    def __init__(self, send: Send, limits: Limits) -> None:
        self.send = send
        self.limits = limits
        self.has_begun = False
        self.sent = 0
        self.waited = 0.0

    async def begin(self, status: int, headers: Headers) -> None:
        self.has_begun = True
        encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await self.send({"type": "http.response.start", "status": status, "headers": encoded})

    async def whole(self, status: int, headers: Headers, body: bytes) -> None:
        """Send an answer that is all there."""
        if len(body) > PIECE:
            return await self.from_pieces(status, headers, (body[at : at + PIECE] for at in range(0, len(body), PIECE)))
        await self.begin(status, headers)
        return await self.send({"type": "http.response.body", "body": body, "more_body": False})

    async def from_pieces(self, status: int, headers: Headers, pieces: Iterable[bytes]) -> None:
        """Send an answer whose pieces are at hand, such as a file's."""
        await self.begin(status, headers)
        for piece in pieces:
            await self.piece(piece)
        await self.piece(b"", is_last=True)

    async def while_it_is_made(self, answer: Answer) -> None:
        """Send an answer of which more may still come."""
        await self.begin(answer.status, answer.headers)
        while piece := answer.read(self.sent):
            await self.piece(piece)
            await answer.comes_to(self.sent)
        await self.piece(b"", is_last=True)

    async def piece(self, piece: bytes, *, is_last: bool = False) -> None:
        """Raises SlowReaderError where the reader has let all that was sent wait for too long."""
        began = time.monotonic()
        limits = self.limits
        allowed = limits.wait_at_first + self.sent / MEGABYTE * limits.wait_per_megabyte - self.waited
        try:
            async with asyncio.timeout(allowed):
                await self.send({"type": "http.response.body", "body": piece, "more_body": not is_last})
        except TimeoutError:
            raise SlowReaderError from None
        self.sent += len(piece)
        self.waited += time.monotonic() - began
