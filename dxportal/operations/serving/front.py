"""The ASGI application that the server runs, in front of Django.

Finished pages and `/healthz` are answered by the event loop, whatever others hold. For everything else the body is read
here first, within limits; only then a thread is taken, and it is free again when the answer is made, sent or not.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from http import HTTPStatus
from io import BytesIO
from typing import IO, Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.template.loader import render_to_string

from dxportal.operations.page_cache.cache_keys import Environ
from dxportal.operations.page_cache.cached_pages import Headers
from dxportal.operations.page_cache.middleware import PageCacheMiddleware
from dxportal.operations.serving.answers import PIECE, Answer, Send, Sender, SlowReaderError
from dxportal.operations.serving.bodies import (
    GoneError,
    Receive,
    TooLargeError,
    TooSlowError,
    declared_size,
    is_before_signing_in,
    methods_at,
    read_body,
)
from dxportal.operations.serving.limits import Limits
from dxportal.operations.serving.requests import Scope, environ_of
from dxportal.places import Place, Places, TooManyError, address_of
from dxportal.security import policy_of
from dxportal.staff.sessions import has_recent_session

logger = logging.getLogger(__name__)

ALIVE, READY, LOGIN = "/healthz", "/readyz", "/admin/login/"
TEXT = ("Content-Type", "text/plain; charset=utf-8")
HTML = ("Content-Type", "text/html; charset=utf-8")
RETRY_SOON = ("Retry-After", "10")


def headers_of_page(*others: tuple[str, str]) -> Headers:
    """Headers of a page that is answered here."""
    policy = ("Content-Security-Policy", policy_of(settings.SECURE_CSP))
    return [HTML, policy, ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"), *others]


class RefusedError(Exception):
    """A request that is answered without Django, by a page with this sentence."""

    def __init__(self, status: HTTPStatus, sentence: str, *headers: tuple[str, str]) -> None:
        super().__init__(sentence)
        self.status, self.headers = status, headers


class Front:
    """An ASGI application around the WSGI application `pages`, whose pages in memory it sends by itself."""

    def __init__(self, pages: PageCacheMiddleware, limits: Limits | None = None) -> None:
        self.pages = pages
        self.limits = limits or Limits()
        self.threads = ThreadPoolExecutor(self.limits.threads, thread_name_prefix="django")
        self.thread_for_readiness = ThreadPoolExecutor(1, thread_name_prefix="readiness")
        self.in_django = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sender = Sender(send, self.limits)
        try:
            await self.respond(environ_of(scope), receive, sender)
        except RefusedError as refusal:
            page = render_to_string("not_taken.html", {"sentence": str(refusal)})
            await sender.whole(refusal.status, headers_of_page(*refusal.headers), page.encode())
        except (GoneError, SlowReaderError):
            pass  # an answer that is not ended makes the server close the connection
        except Exception:
            logger.exception("%s %s could not be answered.", scope["method"], scope["path"])
            if not sender.has_begun:
                await sender.whole(
                    HTTPStatus.INTERNAL_SERVER_ERROR, headers_of_page(), render_to_string("500.html").encode()
                )

    async def respond(self, environ: Environ, receive: Receive, sender: Sender) -> None:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if path == ALIVE:
            await sender.whole(HTTPStatus.OK, [TEXT], b"ok\n")
        elif method not in (methods := methods_at(path)):
            allowed = ("Allow", ", ".join(methods))
            raise RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "このページに送れるものはありません。", allowed)
        elif method == "POST":
            await self.take_body(environ, receive, sender)
        elif path == READY:
            await self.say_whether_ready(environ, sender)
        elif not await self.send_finished(environ, sender):
            await self.ask_django(environ, BytesIO(), sender)

    async def send_finished(self, environ: Environ, sender: Sender) -> bool:
        """Send a page in memory or a finished file; False where Django has to answer."""
        begun: list[Any] = []
        body = self.pages.respond_from_cache(environ, lambda *status_and_headers: begun.extend(status_and_headers))
        if body is None:
            return False
        status, headers = int(begun[0][:3]), begun[1]
        if isinstance(body, list):
            await sender.whole(status, headers, b"".join(body))
            return True
        try:
            with closing(take(self.limits.large_answers, environ)):
                await sender.from_pieces(status, headers, body)
        finally:
            body.close()
        return True

    async def take_body(self, environ: Environ, receive: Receive, sender: Sender) -> None:
        """Read the body of a request that may have one, then let Django answer."""
        path, cookies = environ["PATH_INFO"], environ.get("HTTP_COOKIE", "")
        is_known = await self.is_known(cookies)
        if not is_known and not is_before_signing_in(path):
            login = f"{LOGIN}?{urlencode({'next': path.encode('latin-1').decode(errors='replace')})}"
            raise RefusedError(HTTPStatus.SEE_OTHER, "ログインしてから、もう一度送ってください。", ("Location", login))
        limit = self.limits.staff if is_known else self.limits.anonymous
        try:
            with closing(take(limit.places, environ)):
                body, size = await read_body(receive, declared_size(environ), limit)
        except TooLargeError:
            sentence = f"送られた内容が大きすぎます（{limit.size // 1024:,}KBまで）。分けて送ってください。"
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, sentence) from None
        except TooSlowError:
            sentence = "送られた内容が時間内に届きませんでした。通信を確かめて、もう一度送ってください。"
            raise RefusedError(HTTPStatus.REQUEST_TIMEOUT, sentence) from None
        await self.ask_django({**environ, "CONTENT_LENGTH": str(size)}, body, sender)

    async def ask_django(self, environ: Environ, body: IO[bytes], sender: Sender) -> None:
        """Let Django answer in a thread, and send the answer while it is made; takes over the body."""
        if self.in_django >= self.limits.requests_in_django:
            body.close()
            raise busy()
        answer = self.made_in(self.threads, environ, body)
        try:
            await answer.comes_to(PIECE)
            if answer.is_whole and answer.size <= PIECE:
                await sender.whole(answer.status, answer.headers, answer.read(0))
            else:
                with closing(take(self.limits.large_answers, environ)):
                    await sender.while_it_is_made(answer)
        finally:
            answer.close()

    def made_in(self, threads: Executor, environ: Environ, body: IO[bytes]) -> Answer:
        """The answer of Django that is being made in one of the threads."""
        answer = Answer(asyncio.get_running_loop())
        self.in_django += 1

        def be_done(_: asyncio.Future[None]) -> None:
            self.in_django -= 1
            body.close()

        making = answer.loop.run_in_executor(threads, answer.make, self.pages, {**environ, "wsgi.input": body})
        making.add_done_callback(be_done)
        return answer

    async def say_whether_ready(self, environ: Environ, sender: Sender) -> None:
        """Ask Django in a thread that nothing else uses; a database that does not answer is given up."""
        answer = self.made_in(self.thread_for_readiness, environ, BytesIO())
        try:
            async with asyncio.timeout(self.limits.seconds_for_readiness):
                await answer.comes_to(PIECE)
        except TimeoutError:
            await sender.whole(HTTPStatus.SERVICE_UNAVAILABLE, [TEXT], b"the database does not answer\n")
        else:
            await sender.whole(answer.status, answer.headers, answer.read(0))
        finally:
            answer.close()

    async def is_known(self, cookies: str) -> bool:
        """Whether the sender of these cookies is signed in, or was until a short while ago."""
        if not cookies:
            return False
        return await asyncio.get_running_loop().run_in_executor(self.threads, is_of_staff, cookies)


def is_of_staff(cookies: str) -> bool:
    """`has_recent_session` in a thread of which nobody knows whether its connection still stands."""
    close_old_connections()
    try:
        return has_recent_session(cookies)
    except DatabaseError as error:
        sentence = "ただいまデータベースを使えないため、受け取れません。少し時間をおいて、もう一度送ってください。"
        raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, sentence, RETRY_SOON) from error


def take(places: Places, environ: Environ) -> Place:
    """A place for the client; RefusedError where none is free."""
    try:
        return places.take(address_of(environ))
    except TooManyError:
        raise busy() from None


def busy() -> RefusedError:
    sentence = "いま、たいへん混み合っています。少し時間をおいて、もう一度お試しください。"
    return RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, sentence, RETRY_SOON)
