"""The portal's WSGI application: Django behind pages in memory."""

from __future__ import annotations

import gzip
import logging
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import brotli
import pytest
from django.conf import settings as conf
from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError
from django.test import Client

from budgets.models import BudgetLine
from dxportal.changesets.workflow import propose
from dxportal.operations.page_cache.cache_headers import PUBLIC
from dxportal.operations.page_cache.middleware import MAX_KNOWN_KEYS, PageCacheMiddleware
from tests.dxportal.changesets.change_sets import make_open_set, publish_edits
from tests.dxportal.operations.page_cache.asking_site import Django, Got, ask
from tests.page_paths import NOT_FOUND, list_every_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("within_the_transaction_of_the_test")]

DECODE: dict[str, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress, "identity": bytes}
OF_THE_ENCODING = {"Content-Encoding", "Content-Length", "ETag"}


@pytest.fixture
def django() -> Django:
    return Django()


@pytest.fixture
def site(django: Django, monkeypatch: pytest.MonkeyPatch) -> PageCacheMiddleware:
    """It looks for the revision when a page is missing, and whenever a test says so: no thread, no waiting."""
    site = PageCacheMiddleware(django, 64)
    monkeypatch.setattr(site.poller, "start", site.poller.poll)
    return site


def set_amount(amount: int) -> int:
    return BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=amount)


@pytest.mark.slow
def test_every_page_is_sent_as_django_sends_it_in_every_encoding(site: PageCacheMiddleware, django: Django) -> None:
    def get(path: str) -> tuple[int, bytes]:
        got = ask(site, path)
        return got.status, got.body

    kept = [path for path in list_every_page(get) if not path.startswith("/admin/")]
    assert len(kept) > 200
    for path in kept:
        rendered = ask(django.handler, path)
        for encoding, decode in DECODE.items():
            got = ask(site, path, ACCEPT_ENCODING=encoding)
            where = f"{path} {encoding}"
            if path == NOT_FOUND:
                assert got.status == rendered.status == 404
            else:
                assert got.status == rendered.status == 200, where
                assert rendered.headers["Cache-Control"] == PUBLIC, where
            assert decode(got.body) == rendered.body, where
            of_both = set(got.headers) - OF_THE_ENCODING
            assert of_both == set(rendered.headers) - OF_THE_ENCODING, where
            assert {name: got.headers[name] for name in of_both} == {name: rendered.headers[name] for name in of_both}
            assert got.headers["Content-Length"] == str(len(got.body))
            assert ("Content-Encoding" in got.headers) == (encoding != "identity" and got.body != rendered.body)
            head = ask(site, path, "HEAD", ACCEPT_ENCODING=encoding)
            assert (head.pairs, head.body) == (got.pairs, b"")
        plain = ask(site, path)
        assert path == NOT_FOUND or plain.headers == rendered.headers, path


def test_django_is_asked_once(site: PageCacheMiddleware, django: Django) -> None:
    first = ask(site, "/goals/1-2-1/", ACCEPT_ENCODING="gzip")
    for headers in ({}, {"ACCEPT_ENCODING": "br"}, {"USER_AGENT": "x"}, {"COOKIE": "mysessionid=x; a=sessionid=y"}):
        assert ask(site, "/goals/1-2-1/", **headers).status == 200
    assert ask(site, "/goals/1-2-1/", "HEAD", ACCEPT_ENCODING="gzip").pairs == first.pairs
    assert list(django.addresses) == ["/goals/1-2-1/"]


def test_nothing_of_a_request_but_its_key_reaches_what_is_kept(site: PageCacheMiddleware, django: Django) -> None:
    odd = {"COOKIE": "a=b", "USER_AGENT": "canary", "X_FORWARDED_HOST": "evil.example", "ACCEPT_LANGUAGE": "en"}
    more = {"IF_NONE_MATCH": "*", "RANGE": "bytes=0-1", "REFERER": "http://evil.example", "X_FORWARDED_FOR": "1.2.3.4"}
    ask(site, "/projects/?utm_source=canary&area=3&sort=-listings&x=%3Cscript%3E", "HEAD", **odd, **more)
    (asked,) = django.asked
    assert {name for name in asked if name.startswith("HTTP_")} == {"HTTP_HOST"}
    assert (asked["REQUEST_METHOD"], asked["QUERY_STRING"]) == ("GET", "area=3&sort=-listings")
    assert "canary" not in str(asked)
    assert (
        ask(site, "/projects/?sort=-listings&area=3").body
        == ask(django.handler, "/projects/?area=3&sort=-listings").body
    )
    assert len(django.asked) == 1


def test_a_reader_who_has_the_page_is_told_so_by_memory_and_by_django(
    site: PageCacheMiddleware, django: Django
) -> None:
    for application in (site, django.handler):
        etag = ask(application, "/plan/").headers["ETag"]
        got = ask(application, "/plan/", IF_NONE_MATCH=f'"x", W/{etag}')
        assert (got.status, got.body) == (304, b"")
        assert got.headers["Cache-Control"] == PUBLIC
        assert got.headers["Vary"] == "Accept-Encoding, Cookie"
        assert "Content-Security-Policy" in got.headers
        assert ask(application, "/plan/", IF_NONE_MATCH='"x"').status == 200
        assert ask(application, "/plan/", RANGE="bytes=0-1").status == 200


@pytest.mark.parametrize(
    ("address", "method", "status"),
    [
        ("/", "POST", 403),
        ("/", "OPTIONS", 405),
        ("/", "get", 200),
        ("/healthz", "GET", 200),
        ("/readyz", "GET", 200),
        ("/admin/login/", "GET", 200),
        ("/budgets.json?year=2021", "GET", 200),
        ("/budgets.csv?year=2021", "GET", 200),
        ("/changes.json", "GET", 200),
        ("/budgets/", "GET", 302),
        ("/budgets/?year=", "GET", 302),
        ("/goals/1-2-1", "GET", 301),
        ("/goals/9-9-9/", "GET", 404),
        ("/search/?q=%00", "GET", 200),
    ],
)
def test_what_is_not_kept(
    site: PageCacheMiddleware, django: Django, address: str, method: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL):
        for _ in range(2):
            assert ask(site, address, method).status == status
    assert len(django.asked) == 2
    assert site.store.pages == {}


def test_a_host_that_is_not_ours_is_refused_by_django(
    site: PageCacheMiddleware, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL):
        assert ask(site, "/").status == 200
        assert ask(site, "/", HOST="evil.example").status == 400
        assert ask(site, "/").status == 200


def test_plain_http_is_led_to_https(django: Django, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_PROXY_SSL_HEADER = True, ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 31_536_000
    django.handler.load_middleware()
    site = PageCacheMiddleware(django, 64)
    monkeypatch.setattr(site.poller, "start", site.poller.poll)
    for _ in range(2):
        assert ask(site, "/robots.txt").status == 301
        assert ask(site, "/robots.txt", X_FORWARDED_PROTO="http").status == 301
        got = ask(site, "/robots.txt", X_FORWARDED_PROTO="https")
        assert (got.status, got.headers["Strict-Transport-Security"]) == (200, "max-age=31536000")
    assert len(django.asked) == 5


def test_staff_are_answered_by_django_and_nobody_keeps_it(
    site: PageCacheMiddleware, django: Django, client: Client
) -> None:
    client.force_login(User.objects.create_superuser("admin"))
    cookie = f"{conf.SESSION_COOKIE_NAME}={client.cookies[conf.SESSION_COOKIE_NAME].value}"
    for path in ("/", "/goals/1-2-1/"):
        ask(site, path)
        got = ask(site, path, COOKIE=f"a=b; {cookie}")
        assert got.headers["Cache-Control"] == "private, no-cache"
        assert "Cookie" in got.headers["Vary"]
    assert len(django.asked) == 4
    preview = ask(site, "/admin/", COOKIE=cookie).headers["Cache-Control"]
    assert "private" in preview
    assert "no-store" in preview


def test_a_page_that_sets_a_cookie_is_not_kept(
    site: PageCacheMiddleware, django: Django, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.http import HttpResponse

    def with_cookie(*args: Any, **options: Any) -> HttpResponse:
        response = HttpResponse("ok")
        response.set_cookie("a", "b")
        return response

    monkeypatch.setattr("dxportal.public.promotion.render", with_cookie)
    for _ in range(2):
        got = ask(site, "/promotion/")
        assert got.headers["Cache-Control"] == "private, no-cache"
    assert len(django.asked) == 2


def test_publishing_is_seen_at_the_next_look_and_a_proposal_never(site: PageCacheMiddleware, django: Django) -> None:
    before = ask(site, "/projects/workation/")
    assert "85,000千円" in before.body.decode()
    propose(make_open_set(lambda: set_amount(77_777)))
    site.poller.poll()
    assert ask(site, "/projects/workation/") == before
    assert len(django.asked) == 1
    publish_edits(lambda: set_amount(66_666))
    assert ask(site, "/projects/workation/") == before
    site.poller.poll()
    after = ask(site, "/projects/workation/")
    assert "66,666千円" in after.body.decode()
    assert after.headers["ETag"] != before.headers["ETag"]
    assert ask(site, "/projects/workation/", IF_NONE_MATCH=before.headers["ETag"]).status == 200


def test_recording_writes_nothing_here(site: PageCacheMiddleware) -> None:
    """While an edit is recorded its rows are in the tables; a page asked for then is asked of another connection."""
    before = ask(site, "/projects/workation/")
    pages = dict(site.store.pages)
    make_open_set(lambda: set_amount(55_555))
    assert dict(site.store.pages) == pages
    assert ask(site, "/projects/workation/") == before


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*args: object, **options: object) -> None:
        raise error

    return fail


def test_a_page_that_failed_is_not_kept(
    site: PageCacheMiddleware, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as broken, caplog.at_level(logging.CRITICAL):
        broken.setattr("dxportal.public.plan.sakigake_money", failing(RuntimeError()))
        assert ask(site, "/").status == 500
    assert ask(site, "/").status == 200


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_page_that_the_database_fails_says_when_to_come_back(
    site: PageCacheMiddleware, error: type[Exception], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as broken, caplog.at_level(logging.CRITICAL):
        broken.setattr("dxportal.public.plan.sakigake_money", failing(error("secret detail")))
        got = ask(site, "/")
    assert (got.status, got.headers["Retry-After"]) == (503, "10")
    assert "少し時間をおいて、もう一度お試しください。" in got.body.decode()
    assert "secret detail" not in got.body.decode()
    assert "Content-Security-Policy" in got.headers
    assert ask(site, "/").status == 200


def test_cache_busting_is_answered_from_memory_and_leaves_nothing(site: PageCacheMiddleware, django: Django) -> None:
    for number in range(2 * MAX_KNOWN_KEYS):
        assert ask(site, f"/plan/?bust={number}&x[]={number}").status == 200
    assert len(django.asked) == 1
    assert len(site.store.pages) == 1
    assert len(site.known_keys) <= MAX_KNOWN_KEYS
    long = len(site.known_keys)
    assert ask(site, f"/plan/?bust={'x' * 100_000}").status == 200
    assert ask(site, "/plan/", ACCEPT_ENCODING="gzip," * 20_000).headers["Content-Encoding"] == "gzip"
    assert len(site.known_keys) == long


def test_addresses_that_lead_nowhere_are_one_page(
    site: PageCacheMiddleware, django: Django, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL):
        bodies = {ask(site, f"/no-such-page-{number}/").body for number in range(100)}
    assert len(bodies) == len(django.asked) == len(site.store.pages) == 1
    assert "ページが見つかりません" in bodies.pop().decode()


def test_a_page_is_rendered_once_however_many_wait(django: Django) -> None:
    def slowly(environ: dict[str, Any], start_response: Any) -> Any:
        time.sleep(0.3)
        return django(environ, start_response)

    site = PageCacheMiddleware(slowly, 64)
    site.poller.start = lambda: site.store.set_revision(1)
    together, got = Barrier(12), list[Got]()

    def one() -> None:
        together.wait()
        got.append(ask(site, "/robots.txt"))  # a page that needs no database, which has one connection per thread

    threads = [Thread(target=one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(got) == 12
    assert got.count(got[0]) == 12
    assert len(django.asked) == 1


def resident() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.slow
def test_thousands_of_distinct_filters_leave_memory_bounded() -> None:
    def page_of_random_bytes(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html"), ("Cache-Control", PUBLIC)])
        return [os.urandom(20_000 + 20 * int(environ["QUERY_STRING"][2:]) % 20_000)]

    site = PageCacheMiddleware(page_of_random_bytes, 16)
    site.poller.start = lambda: site.store.set_revision(1)
    before = 0
    for number in range(2500):
        assert ask(site, f"/search/?q={number}", ACCEPT_ENCODING="gzip").status == 200
        if number == 100:
            before = resident()
    assert site.store.size <= 16 * 1024 * 1024
    assert len(site.store.pages) > 100
    assert resident() - before < 24 * 1024 * 1024
