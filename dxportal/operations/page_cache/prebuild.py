"""Making the finished files of a revision: what Django answers to each address, on disk, in every encoding.

    var/files/5f0c…-a3b1…/budgets.csv, budgets.csv.br, budgets.csv.gzip, …, headers.json

A folder is named after the revision and the build, and only when all is in it. What Django reads while it answers is
one revision if the revision is the same before the first file and after the last; else the files are thrown away.
"""

from __future__ import annotations

import fcntl
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

from dxportal.operations.page_cache.build import build_id
from dxportal.operations.page_cache.cache_headers import PUBLIC
from dxportal.operations.page_cache.cache_keys import Environ
from dxportal.operations.page_cache.cached_pages import Headers, StartResponse
from dxportal.revisions.publish import mark

Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Told = tuple[Headers, str]  # the headers of a file in one encoding, and its ETag

HEADERS = "headers.json"
LOCK = "making.lock"
UNFINISHED = ".unfinished"
PACKED = (".csv", ".json")  # a workbook is packed already
CHUNK = 1 << 16


def room_of(folder: Path, revision: str) -> Path:
    """The folder for the files of a revision; each build of the programme makes its own."""
    return folder / f"{revision}-{build_id()}"


def told_in(room: Path) -> dict[str, dict[str, Told]]:
    """Headers and ETags of the files in a folder, by address and encoding; empty while one of them is missing."""
    try:
        told: dict[str, dict[str, Told]] = json.loads((room / HEADERS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    is_whole = all((room / name_of(path, one)).exists() for path, encodings in told.items() for one in encodings)
    return told if is_whole else {}


def make(folder: Path, addresses: Iterable[str], application: Application) -> bool:
    """Make the files of the public revision where they are not there; False where there are none in the end.

    One process at a time: one that is killed leaves its lock to the next, which begins anew. Files of revisions that
    are not public any more are removed; who still sends one has it open.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        revision = mark()
        room = room_of(folder, revision)
        if not revision or told_in(room) or written(room, revision, addresses, application):
            put_away(folder, revision)
            return bool(revision)
    return False


def written(room: Path, revision: str, addresses: Iterable[str], application: Application) -> bool:
    """Write all files of a revision into a room; False, and no room, where the catalogue moves on meanwhile."""
    unfinished = room.with_name(room.name + UNFINISHED)
    for rest in (unfinished, room):
        shutil.rmtree(rest, ignore_errors=True)  # what was left when somebody was killed, or is not whole
    unfinished.mkdir()
    told = {}
    for path in addresses:
        told[path] = file_made(unfinished, path, application)
        if mark() != revision:
            shutil.rmtree(unfinished)
            return False
    (unfinished / HEADERS).write_text(json.dumps(told), encoding="utf-8")
    unfinished.rename(room)
    return True


def put_away(folder: Path, revision: str) -> None:
    """Remove what is of another revision than the public one."""
    for room in folder.iterdir():
        if room.is_dir() and not room.name.startswith(f"{revision}-"):
            shutil.rmtree(room, ignore_errors=True)


def file_made(room: Path, path: str, application: Application) -> dict[str, Told]:
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
    environ = {"PATH_INFO": path, "HTTP_HOST": site.netloc, "REMOTE_ADDR": "", "wsgi.url_scheme": site.scheme}
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
