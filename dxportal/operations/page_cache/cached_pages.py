"""Cached pages: status, headers and body in every encoding, ready to be sent."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import brotli
from django.utils.http import parse_etags

from dxportal.operations.page_cache.cache_keys import ENCODINGS, Environ

Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
WsgiApplication = Callable[[Environ, StartResponse], Iterable[bytes]]
Body = list[bytes] | Generator[bytes]  # a whole body, or the chunks of a file

# Decision 12 says why these levels.
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}
OVERHEAD_BYTES = 4096  # memory of a page beside its bodies: headers, keys, objects


def make_etag(body: bytes) -> str:
    """Make a strong ETag of these bytes."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def etag_matches(if_none_match: str, etag: str) -> bool:
    """Tell whether If-None-Match matches the ETag by weak comparison, or is `*`."""
    if if_none_match == etag:
        return True
    known = parse_etags(if_none_match) if etag in if_none_match or "*" in if_none_match else []
    return known == ["*"] or etag in (tag.removeprefix("W/") for tag in known)


@dataclass(frozen=True, slots=True)
class EncodedPage:
    """A page in one encoding, with the headers of its 200 and of its 304."""

    body: bytes
    headers: Headers
    etag: str
    unchanged: Headers

    @classmethod
    def of(cls, body: bytes, headers: Headers, encoding: str) -> EncodedPage:
        etag = make_etag(body)
        unchanged = [*headers, ("ETag", etag)]
        encoded = [("Content-Encoding", encoding)] if encoding != "identity" else []
        typed = [header for header in unchanged if header[0] == "Content-Type"]
        return cls(
            body,
            [*unchanged, *encoded, ("Content-Length", str(len(body)))],
            etag,
            [header for header in unchanged if header not in typed],
        )


@dataclass(frozen=True, slots=True)
class CachedPage:
    """A response of Django; `answers` holds it by encoding if it is cacheable, and is empty otherwise."""

    status: str
    headers: Headers
    body: bytes
    answers: dict[str, EncodedPage]

    @classmethod
    def of(cls, status: str, headers: Headers, body: bytes, *, keep: bool) -> CachedPage:
        if not keep:
            return cls(status, headers, body, {})
        others = [header for header in headers if header[0] not in {"Content-Length", "ETag"}]
        plain = EncodedPage.of(body, others, "identity")
        answers = {"identity": plain}
        for encoding, encode in ENCODERS.items():
            encoded = encode(body)
            answers[encoding] = EncodedPage.of(encoded, others, encoding) if len(encoded) < len(body) else plain
        return cls(status, headers, body, answers)

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return OVERHEAD_BYTES + sum(len(self.answers[encoding].body) for encoding in ENCODINGS)

    def send(self, environ: Environ, encoding: str, start_response: StartResponse) -> list[bytes]:
        answer = self.answers.get(encoding)
        if answer is None:
            start_response(self.status, self.headers)
            body = self.body
        else:
            asked = environ.get("HTTP_IF_NONE_MATCH")
            if asked and self.status.startswith("200") and etag_matches(asked, answer.etag):
                start_response("304 Not Modified", answer.unchanged[:])
                return []
            start_response(self.status, answer.headers[:])
            body = answer.body
        return [body] if environ["REQUEST_METHOD"] == "GET" else []
