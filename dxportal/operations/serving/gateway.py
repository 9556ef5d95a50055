"""ASGI application in front of Django.

The event loop answers cached pages and `/healthz`, even while all threads are busy. For everything else it reads the
request body first, within limits; then a thread runs Django, and is free again as soon as the response is rendered.
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

from dxportal.concurrency_limits import ConcurrencyLimit, LimitReachedError, Slot, client_address
from dxportal.operations.page_cache.cache_keys import Environ
from dxportal.operations.page_cache.cached_pages import Headers
from dxportal.operations.page_cache.middleware import PageCacheMiddleware
from dxportal.operations.serving.client_limits import ClientLimits
from dxportal.operations.serving.request_bodies import (
    BodyTimeoutError,
    BodyTooLargeError,
    ClientDisconnectedError,
    Receive,
    accepts_anonymous_form,
    allowed_methods,
    declared_content_length,
    read_body,
)
from dxportal.operations.serving.responses import MESSAGE_SIZE, ResponseSender, Send, SlowClientError, StreamedResponse
from dxportal.operations.serving.wsgi_environ import Scope, build_environ
from dxportal.public.probes import HEALTH_ANSWER
from dxportal.security import format_policy
from dxportal.staff.sessions import has_recent_session

logger = logging.getLogger(__name__)

LIVENESS_PATH, READINESS_PATH, LOGIN_PATH = "/healthz", "/readyz", "/admin/login/"
TEXT_HEADER = ("Content-Type", "text/plain; charset=utf-8")
HTML_HEADER = ("Content-Type", "text/html; charset=utf-8")
RETRY_HEADER = ("Retry-After", "10")


def page_headers(*others: tuple[str, str]) -> Headers:
    """Return the headers of a page that the gateway itself renders."""
    policy = ("Content-Security-Policy", format_policy(settings.SECURE_CSP))
    return [HTML_HEADER, policy, ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"), *others]


class RequestRefusedError(Exception):
    """Raised for a request that is refused without Django; the page shows the sentence."""

    def __init__(self, status: HTTPStatus, sentence: str, *headers: tuple[str, str]) -> None:
        super().__init__(sentence)
        self.status, self.headers = status, headers


class AsgiGateway:
    """ASGI application around the WSGI application `page_cache`, whose cached pages it sends without a thread."""

    def __init__(self, page_cache: PageCacheMiddleware, limits: ClientLimits | None = None) -> None:
        self.page_cache = page_cache
        self.limits = limits or ClientLimits()
        self.threads = ThreadPoolExecutor(self.limits.threads, thread_name_prefix="django")
        self.readiness_thread = ThreadPoolExecutor(1, thread_name_prefix="readiness")
        self.pending_in_django = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sender = ResponseSender(send, self.limits)
        try:
            await self.respond(build_environ(scope), receive, sender)
        except RequestRefusedError as refusal:
            page = render_to_string("not_taken.html", {"sentence": str(refusal)})
            await sender.send_whole(refusal.status, page_headers(*refusal.headers), page.encode())
        except (ClientDisconnectedError, SlowClientError):
            pass  # the server closes the connection of an unfinished response
        except Exception:
            logger.exception("%s %s could not be answered.", scope["method"], scope["path"])
            if not sender.has_started:
                await sender.send_whole(
                    HTTPStatus.INTERNAL_SERVER_ERROR, page_headers(), render_to_string("500.html").encode()
                )

    async def respond(self, environ: Environ, receive: Receive, sender: ResponseSender) -> None:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if path == LIVENESS_PATH:
            await sender.send_whole(HTTPStatus.OK, [TEXT_HEADER], HEALTH_ANSWER.encode())
        elif method not in (methods := allowed_methods(path)):
            allowed = ("Allow", ", ".join(methods))
            raise RequestRefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "このページに送れるものはありません。", allowed)
        elif method == "POST":
            await self.handle_post(environ, receive, sender)
        elif path == READINESS_PATH:
            await self.check_readiness(environ, sender)
        elif not await self.send_cached(environ, sender):
            await self.forward_to_django(environ, BytesIO(), sender)

    async def send_cached(self, environ: Environ, sender: ResponseSender) -> bool:
        """Send a cached page or a prebuilt file; return False if Django must answer."""
        started: list[Any] = []
        body = self.page_cache.respond_from_cache(
            environ, lambda *status_and_headers: started.extend(status_and_headers)
        )
        if body is None:
            return False
        status, headers = int(started[0][:3]), started[1]
        if isinstance(body, list):
            await sender.send_whole(status, headers, b"".join(body))
            return True
        try:
            with closing(acquire_slot(self.limits.large_responses, environ)):
                await sender.send_chunks(status, headers, body)
        finally:
            body.close()
        return True

    async def handle_post(self, environ: Environ, receive: Receive, sender: ResponseSender) -> None:
        """Read the body within the limits of its sender, then forward the request to Django."""
        path, cookies = environ["PATH_INFO"], environ.get("HTTP_COOKIE", "")
        is_signed_in = await self.is_signed_in(cookies)
        if not is_signed_in and not accepts_anonymous_form(path):
            login = f"{LOGIN_PATH}?{urlencode({'next': path.encode('latin-1').decode(errors='replace')})}"
            raise RequestRefusedError(
                HTTPStatus.SEE_OTHER, "ログインしてから、もう一度送ってください。", ("Location", login)
            )
        limit = self.limits.staff if is_signed_in else self.limits.anonymous
        try:
            with closing(acquire_slot(limit.concurrency, environ)):
                body, size = await read_body(receive, declared_content_length(environ), limit)
        except BodyTooLargeError:
            sentence = f"送られた内容が大きすぎます（{limit.max_size // 1024:,}KBまで）。分けて送ってください。"
            raise RequestRefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, sentence) from None
        except BodyTimeoutError:
            sentence = "送られた内容が時間内に届きませんでした。通信を確かめて、もう一度送ってください。"
            raise RequestRefusedError(HTTPStatus.REQUEST_TIMEOUT, sentence) from None
        await self.forward_to_django({**environ, "CONTENT_LENGTH": str(size)}, body, sender)

    async def forward_to_django(self, environ: Environ, body: IO[bytes], sender: ResponseSender) -> None:
        """Run Django in a thread and send the response while it is rendered; closes the body."""
        if self.pending_in_django >= self.limits.max_pending_in_django:
            body.close()
            raise busy_error()
        response = self.start_in_thread(self.threads, environ, body)
        try:
            await response.wait_for_more_than(MESSAGE_SIZE)
            if response.is_complete and response.size <= MESSAGE_SIZE:
                await sender.send_whole(response.status, response.headers, response.read(0))
            else:
                with closing(acquire_slot(self.limits.large_responses, environ)):
                    await sender.stream(response)
        finally:
            response.close()

    def start_in_thread(self, threads: Executor, environ: Environ, body: IO[bytes]) -> StreamedResponse:
        """Start Django in one of the threads and return its response, which is still being rendered."""
        response = StreamedResponse(asyncio.get_running_loop())
        self.pending_in_django += 1

        def on_done(_: asyncio.Future[None]) -> None:
            self.pending_in_django -= 1
            body.close()

        future = response.loop.run_in_executor(threads, response.run, self.page_cache, {**environ, "wsgi.input": body})
        future.add_done_callback(on_done)
        return response

    async def check_readiness(self, environ: Environ, sender: ResponseSender) -> None:
        """Send Django's answer to the readiness probe, from a thread of its own; 503 if the database times out."""
        response = self.start_in_thread(self.readiness_thread, environ, BytesIO())
        try:
            async with asyncio.timeout(self.limits.readiness_timeout):
                await response.wait_for_more_than(MESSAGE_SIZE)
        except TimeoutError:
            await sender.send_whole(HTTPStatus.SERVICE_UNAVAILABLE, [TEXT_HEADER], b"the database does not answer\n")
        else:
            await sender.send_whole(response.status, response.headers, response.read(0))
        finally:
            response.close()

    async def is_signed_in(self, cookies: str) -> bool:
        """Tell whether the cookies hold a session that is valid or has expired a short while ago."""
        if not cookies:
            return False
        return await asyncio.get_running_loop().run_in_executor(self.threads, has_staff_session, cookies)


def has_staff_session(cookies: str) -> bool:
    """Call `has_recent_session` in a worker thread, whose database connection may be stale."""
    close_old_connections()
    try:
        return has_recent_session(cookies)
    except DatabaseError as error:
        sentence = "システムの不具合により、ただいま受け付けられません。少し時間をおいて、もう一度送ってください。"
        raise RequestRefusedError(HTTPStatus.SERVICE_UNAVAILABLE, sentence, RETRY_HEADER) from error


def acquire_slot(limit: ConcurrencyLimit, environ: Environ) -> Slot:
    """Acquire a slot for the client; raise RequestRefusedError if none is free."""
    try:
        return limit.acquire(client_address(environ))
    except LimitReachedError:
        raise busy_error() from None


def busy_error() -> RequestRefusedError:
    sentence = "現在、混み合っています。少し時間をおいて、もう一度お試しください。"
    return RequestRefusedError(HTTPStatus.SERVICE_UNAVAILABLE, sentence, RETRY_HEADER)
