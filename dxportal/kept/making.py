"""Making the finished files of a revision: what Django answers to each address, on disk, in every encoding.

    var/files/5f0c…/budgets.csv, budgets.csv.br, budgets.csv.gzip, …, headers.json

A folder has its name only when all is in it. What Django reads while it answers is one revision if the revision is the
same before the first file and after the last; otherwise the files are thrown away.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable, Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

import brotli
from django.conf import settings

from dxportal.kept.asking import Environ
from dxportal.kept.headers import PUBLIC
from dxportal.kept.pages import Headers, StartResponse
from dxportal.revisions.advancing import mark

Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Told = tuple[Headers, str]  # the headers of a file in one encoding, and its ETag

HEADERS = "headers.json"
UNFINISHED = ".unfinished"
PACKED = (".csv", ".json")  # a workbook is packed already
CHUNK = 1 << 20


def make(folder: Path, wanted: str, addresses: Iterable[str], application: Application) -> bool:
    """Make the files of a revision and put away those of others; False where it is not the public one (any more)."""
    room = folder / (wanted + UNFINISHED)
    room.mkdir(parents=True, exist_ok=True)
    told = {path: made(room, path, application) for path in addresses} if mark() == wanted else {}
    if not told or mark() != wanted:
        shutil.rmtree(room)
        return False
    (room / HEADERS).write_text(json.dumps(told), encoding="utf-8")
    room.rename(folder / wanted)
    for other in folder.iterdir():
        if other.name not in {wanted, mark() + UNFINISHED}:
            shutil.rmtree(other, ignore_errors=True)
    return True


def made(room: Path, path: str, application: Application) -> dict[str, Told]:
    """Write what Django answers, plain and packed."""
    said: list[Any] = []
    response = application(plain(path), lambda *what: said.extend(what))
    plain_file = room / name_of(path, "identity")
    try:
        with plain_file.open("wb") as file:
            file.writelines(response)
    finally:
        if close := getattr(response, "close", None):
            close()
    status, headers, *_ = said
    if not status.startswith("200"):
        raise RuntimeError(f"{path}: {status}")
    encodings = ["identity"]
    if path.endswith(PACKED):
        encodings += ["br", "gzip"]
        pack(plain_file, room / name_of(path, "br"), room / name_of(path, "gzip"))
    kept = [one for one in headers if one[0] not in {"Content-Length", "Vary"}]
    return {one: told(room / name_of(path, one), one, kept) for one in encodings}


def plain(path: str) -> Environ:
    """A GET of the address by nobody in particular, as it comes from the proxy or straight from a reader."""
    site = urlsplit(settings.SITE_URL)
    environ = {"PATH_INFO": path, "HTTP_HOST": site.netloc, "wsgi.url_scheme": site.scheme}
    if settings.SECURE_PROXY_SSL_HEADER:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        environ[name] = value
    setup_testing_defaults(environ)
    return environ


def name_of(path: str, encoding: str) -> str:
    return path.lstrip("/") if encoding == "identity" else f"{path.lstrip('/')}.{encoding}"


def pack(plain_file: Path, brotli_file: Path, gzip_file: Path) -> None:
    compressor = brotli.Compressor(quality=5)
    with (
        plain_file.open("rb") as file,
        brotli_file.open("wb") as in_brotli,
        gzip_file.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as in_gzip,
    ):
        for piece in pieces(file):
            in_brotli.write(compressor.process(piece))
            in_gzip.write(piece)
        in_brotli.write(compressor.finish())


def pieces(file: BinaryIO) -> Iterable[bytes]:
    while piece := file.read(CHUNK):
        yield piece


def told(path: Path, encoding: str, headers: Headers) -> Told:
    """The headers with which a file is sent, and its ETag."""
    digest = blake2b(digest_size=12)
    with path.open("rb") as file:
        for piece in pieces(file):
            digest.update(piece)
    etag = f'"{digest.hexdigest()}"'
    added = [("Cache-Control", PUBLIC), ("Vary", "Accept-Encoding, Cookie"), ("ETag", etag)]
    if encoding != "identity":
        added.append(("Content-Encoding", encoding))
    return [*headers, *added, ("Content-Length", str(path.stat().st_size))], etag
