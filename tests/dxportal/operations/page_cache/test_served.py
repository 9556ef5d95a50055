"""Pages in memory as they are served: two processes, a database that goes away, the end."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.dxportal.operations.page_cache.publishing import PAGE, fetch, fetch_often, seen_after
from tests.ports import reserve_port
from tests.sites import copy_checkout, is_up, run_site

pytestmark = [pytest.mark.on_no_database, pytest.mark.slow]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_checkout(tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="module")
def port(checkout: Path) -> Iterator[int]:
    port = reserve_port()
    with run_site(checkout, port, WORKERS="2"):
        yield port
    assert not is_up(port)  # a thread that looks for revisions keeps no process from ending


def test_what_is_published_is_seen_by_both_workers_within_a_second(checkout: Path, port: int) -> None:
    assert seen_after(port, f"sqlite:///{checkout / 'var' / 'dxportal.sqlite3'}", 44_444) < 1


def test_both_workers_send_the_same_bytes(port: int) -> None:
    assert len(fetch_often(port, "/")) == 1
    etags = {fetch(port, "/", Accept_Encoding="gzip")[1]["etag"] for _ in range(20)}
    assert len(etags) == 1
    status, headers, body = fetch(port, "/", Accept_Encoding="gzip", If_None_Match=etags.pop())
    assert (status, body) == (304, b"")
    assert "content-length" not in headers


def test_head_says_how_long_the_page_is(port: int) -> None:
    _, headers, body = fetch(port, "/plan/", Accept_Encoding="br")
    status, of_head, nothing = fetch(port, "/plan/", "HEAD", Accept_Encoding="br")
    assert (status, nothing) == (200, b"")
    assert of_head["content-length"] == str(len(body))
    assert {**of_head, "date": ""} == {**headers, "date": ""}


@pytest.mark.parametrize(
    "line",
    [
        "GET /plan/?\xe4\xba\x88=\xff HTTP/1.1",
        "GET /plan/\xe4\xba\x88/ HTTP/1.1",
        "GET //plan/ HTTP/1.1",
        "GET /plan/../plan/ HTTP/1.1",
        "GET http://evil.example/plan/ HTTP/1.1",
        "GET /search/?q=%ff%fe&q=%ud800 HTTP/1.1",
        "get /plan/ HTTP/1.1",
        "OPTIONS * HTTP/1.1",
    ],
)
def test_odd_requests_do_not_fail(port: int, line: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.connect()
    request = f"{line}\r\nHost: 127.0.0.1\r\nAccept-Encoding: \xff,;q\r\nConnection: close\r\n\r\n"
    connection.sock.sendall(request.encode("latin-1"))
    answer = b""
    while piece := connection.sock.recv(65_536):
        answer += piece
    connection.close()
    assert answer[9:12] in {b"200", b"301", b"302", b"400", b"404", b"405"}, answer[:200]


def test_a_hundred_kilobytes_of_etags(port: int) -> None:
    etag = fetch(port, "/plan/")[1]["etag"]
    asked = '"x", ' * 20_000 + etag
    assert fetch(port, "/plan/", If_None_Match=asked)[0] == 304


def test_a_database_file_that_is_moved_away_takes_no_page_from_memory(checkout: Path, port: int) -> None:
    before = fetch_often(port, PAGE)
    file = checkout / "var" / "dxportal.sqlite3"
    file.rename(file.with_suffix(".moved"))
    try:
        for _ in range(3):
            assert fetch_often(port, PAGE) == before
        status, _, said = fetch(port, "/healthz")
        assert status == 200
        assert said.decode() == f"ok\nversion {settings.VERSION}\n"
    finally:
        file.unlink(missing_ok=True)  # whoever connects anew makes an empty one
        file.with_suffix(".moved").rename(file)
