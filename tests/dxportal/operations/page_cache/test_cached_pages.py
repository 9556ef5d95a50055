"""Finished pages: what is sent of them."""

from __future__ import annotations

import gzip

import brotli
import pytest

from dxportal.operations.page_cache.cached_pages import CachedPage, etag_matches, make_etag
from tests.dxportal.operations.page_cache.asking_site import Got, ask

HEADERS = [("Content-Type", "text/html"), ("Vary", "Accept-Encoding"), ("Content-Length", "9"), ("ETag", '"old"')]
BODY = "事業".encode() * 500
PAGE = CachedPage.of("200 OK", HEADERS, BODY, keep=True)


def sent(page: CachedPage = PAGE, encoding: str = "gzip", method: str = "GET", **headers: str) -> Got:
    return ask(lambda environ, start: page.send(environ, encoding, start), "/", method, **headers)


def test_each_encoding_has_its_bytes_its_length_and_its_etag() -> None:
    for encoding, decode in (("br", brotli.decompress), ("gzip", gzip.decompress), ("identity", bytes)):
        got = sent(encoding=encoding)
        assert decode(got.body) == BODY
        assert got.headers["Content-Length"] == str(len(got.body))
        assert got.headers["ETag"] == make_etag(got.body)
        assert got.headers.get("Content-Encoding", "identity") == encoding
    assert len({answer.etag for answer in PAGE.answers.values()}) == 3


def test_what_does_not_become_smaller_is_sent_as_it_is() -> None:
    got = sent(CachedPage.of("200 OK", HEADERS, b"ok", keep=True), "gzip")
    assert got.body == b"ok"
    assert "Content-Encoding" not in got.headers


def test_head_is_the_same_without_the_body() -> None:
    assert sent(method="HEAD").pairs == sent().pairs
    assert sent(method="HEAD").body == b""


def test_what_the_reader_has_is_not_sent_again() -> None:
    whole = sent()
    got = sent(IF_NONE_MATCH=whole.headers["ETag"])
    assert (got.status, got.body) == (304, b"")
    left_out = {"Content-Type", "Content-Length", "Content-Encoding"}
    assert got.headers == {name: value for name, value in whole.headers.items() if name not in left_out}
    assert sent(IF_NONE_MATCH=sent(encoding="br").headers["ETag"]).status == 200
    assert sent(IF_NONE_MATCH=whole.headers["ETag"], method="HEAD").status == 304


def test_only_what_is_there_can_be_unchanged() -> None:
    nowhere = CachedPage.of("404 Not Found", HEADERS, BODY, keep=True)
    assert sent(nowhere, IF_NONE_MATCH="*").status == 404


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ('"a"', True),
        ('W/"a"', True),
        ('"b", W/"a" , "c"', True),
        ("*", True),
        (" * ", True),
        ('"b"', False),
        ("a", False),
        ('"a', False),
        ('"b", *', False),
        ('"aa"', False),
        ('"x", ' * 20_000, False),
        ('"x", ' * 20_000 + '"a"', True),
        (f'"{"x" * 100_000}"', False),
        ("*" * 100_000, False),
    ],
)
def test_if_none_match(asked: str, known: bool) -> None:
    assert etag_matches(asked, '"a"') is known


def test_what_may_not_be_kept_is_sent_as_it_came() -> None:
    page = CachedPage.of("500 Internal Server Error", HEADERS, b"fault", keep=False)
    assert sent(page) == Got(500, HEADERS, b"fault")
    assert sent(page, method="HEAD") == Got(500, HEADERS, b"")


def test_who_changes_the_headers_they_were_sent_changes_no_others() -> None:
    sent().pairs.append(("X", "y"))
    PAGE.send({"REQUEST_METHOD": "GET"}, "gzip", lambda status, headers: headers.clear())
    assert sent().headers["Vary"] == "Accept-Encoding"
