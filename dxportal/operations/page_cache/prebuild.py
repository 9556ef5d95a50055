"""Prebuild the table files of a revision: Django's response to each address, on disk, in every encoding.

    var/files/5f0c…-a3b1…/budgets.csv, budgets.csv.br, budgets.csv.gzip, …, headers.json

A folder gets its name (revision and build) only when it is complete. All files are of one revision if the revision is
the same before the first and after the last; otherwise they are discarded.
"""

from __future__ import annotations

import fcntl
import gzip
import json
import shutil
from collections.abc import Iterable
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
from dxportal.operations.page_cache.cached_pages import Headers, WsgiApplication
from dxportal.revisions.publish import revision_token

FileHeaders = tuple[Headers, str]  # headers of a file in one encoding, and its ETag

MANIFEST = "headers.json"
LOCK = "making.lock"
PARTIAL = ".unfinished"
COMPRESSED = (".csv", ".json")  # a workbook is compressed already
BYTES_PER_HASH_READ = 1 << 16


def revision_folder(folder: Path, revision: str) -> Path:
    """Return the folder for the files of a revision made by this build of the code."""
    return folder / f"{revision}-{build_id()}"


def read_manifest(target: Path) -> dict[str, dict[str, FileHeaders]]:
    """Read headers and ETags of the files in a folder, by address and encoding; empty while a file is missing."""
    try:
        headers_and_etag: dict[str, dict[str, FileHeaders]] = json.loads(
            (target / MANIFEST).read_text(encoding="utf-8")
        )
    except FileNotFoundError:
        return {}
    is_whole = all(
        (target / prebuilt_name(path, one)).exists()
        for path, encodings in headers_and_etag.items()
        for one in encodings
    )
    return headers_and_etag if is_whole else {}


def build_files(folder: Path, addresses: Iterable[str], application: WsgiApplication) -> bool:
    """Build the files of the published revision unless they exist; False if there are none in the end.

    One process at a time holds the lock, which the kernel frees when a process dies. Files of other revisions are
    removed; a process that is sending one has it open.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        revision = revision_token()
        target = revision_folder(folder, revision)
        if not revision or read_manifest(target) or write_files(target, revision, addresses, application):
            remove_other_revisions(folder, revision)
            return bool(revision)
    return False


def write_files(target: Path, revision: str, addresses: Iterable[str], application: WsgiApplication) -> bool:
    """Write all files of a revision into a folder; False, without a folder, if the revision changes meanwhile."""
    unfinished = target.with_name(target.name + PARTIAL)
    for rest in (unfinished, target):
        shutil.rmtree(rest, ignore_errors=True)  # left behind by a killed process, or incomplete
    unfinished.mkdir()
    manifest = {}
    for path in addresses:
        manifest[path] = write_file(unfinished, path, application)
        if revision_token() != revision:
            shutil.rmtree(unfinished)
            return False
    (unfinished / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    unfinished.rename(target)
    return True


def remove_other_revisions(folder: Path, revision: str) -> None:
    """Remove the folders of all other revisions."""
    for target in folder.iterdir():
        if target.is_dir() and not target.name.startswith(f"{revision}-"):
            shutil.rmtree(target, ignore_errors=True)


def write_file(target: Path, path: str, application: WsgiApplication) -> dict[str, FileHeaders]:
    """Write Django's response to an address, plain and compressed; return headers and ETag by encoding."""
    started: list[Any] = []
    response = application(anonymous_request(path), lambda *what: started.extend(what))
    plain_file = target / prebuilt_name(path, "identity")
    try:
        with plain_file.open("wb") as file:
            file.writelines(response)
    finally:
        if close := getattr(response, "close", None):
            close()
    status, headers, *_ = started
    if not status.startswith("200"):
        raise RuntimeError(f"{path}: {status}")
    encodings = ["identity"]
    if path.endswith(COMPRESSED):
        encodings += ["br", "gzip"]
        compress(plain_file, target / prebuilt_name(path, "br"), target / prebuilt_name(path, "gzip"))
    headers_to_send = [one for one in headers if one[0] not in {"Content-Length", "Vary"}]
    return {one: headers_and_etag(target / prebuilt_name(path, one), one, headers_to_send) for one in encodings}


def anonymous_request(path: str) -> Environ:
    """Make the WSGI environ of a GET without cookies, as it comes from the proxy or straight from a client."""
    site = urlsplit(settings.SITE_URL)
    environ = {"PATH_INFO": path, "HTTP_HOST": site.netloc, "REMOTE_ADDR": "", "wsgi.url_scheme": site.scheme}
    if settings.SECURE_PROXY_SSL_HEADER:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        environ[name] = value
    setup_testing_defaults(environ)
    return environ


def prebuilt_name(path: str, encoding: str) -> str:
    return path.lstrip("/") if encoding == "identity" else f"{path.lstrip('/')}.{encoding}"


def compress(plain_file: Path, brotli_file: Path, gzip_file: Path) -> None:
    compressor = brotli.Compressor(quality=5)
    with (
        plain_file.open("rb") as file,
        brotli_file.open("wb") as in_brotli,
        gzip_file.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as in_gzip,
    ):
        for chunk in read_chunks(file):
            in_brotli.write(compressor.process(chunk))
            in_gzip.write(chunk)
        in_brotli.write(compressor.finish())


def read_chunks(file: BinaryIO) -> Iterable[bytes]:
    while chunk := file.read(BYTES_PER_HASH_READ):
        yield chunk


def headers_and_etag(path: Path, encoding: str, headers: Headers) -> FileHeaders:
    """Return the headers with which a file is sent, and its ETag."""
    digest = blake2b(digest_size=12)
    with path.open("rb") as file:
        for chunk in read_chunks(file):
            digest.update(chunk)
    etag = f'"{digest.hexdigest()}"'
    added = [("Cache-Control", PUBLIC), ("Vary", "Accept-Encoding, Cookie"), ("ETag", etag)]
    if encoding != "identity":
        added.append(("Content-Encoding", encoding))
    return [*headers, *added, ("Content-Length", str(path.stat().st_size))], etag
