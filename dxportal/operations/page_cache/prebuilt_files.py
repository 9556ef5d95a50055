"""Serve prebuilt table files of the published revision without asking the database.

A process of its own builds them (prebuild.py). A missing file is no error: Django writes the table for each reader
until the files are built again.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from dxportal.operations.page_cache.cache_keys import Environ
from dxportal.operations.page_cache.cached_pages import Body, StartResponse, etag_matches
from dxportal.operations.page_cache.prebuild import (
    FileHeaders,
    prebuilt_name,
    read_chunks,
    read_manifest,
    revision_folder,
)

BODY_HEADERS = {"Content-Type", "Content-Length", "Content-Encoding", "Content-Disposition"}


@dataclass(frozen=True)
class PrebuiltFile:
    """A prebuilt file: its paths, headers and ETag by encoding."""

    paths: dict[str, Path]
    headers_and_etags: dict[str, FileHeaders]

    def send(self, environ: Environ, encoding: str, start_response: StartResponse) -> Body:
        """Send the file. Raises FileNotFoundError if it has been removed."""
        encoding = encoding if encoding in self.paths else "identity"
        headers, etag = self.headers_and_etags[encoding]
        asked = environ.get("HTTP_IF_NONE_MATCH")
        if asked and etag_matches(asked, etag):
            start_response("304 Not Modified", [(name, value) for name, value in headers if name not in BODY_HEADERS])
            return []
        path = self.paths[encoding]
        body = path.open("rb")
        if settings.SENT_BY_NGINX:
            body.close()
            internal = f"{settings.SENT_BY_NGINX}{path.parent.name}/{path.name}"
            unsized = [header for header in headers if header[0] != "Content-Length"]
            start_response("200 OK", [*unsized, ("X-Accel-Redirect", internal)])
            return []
        start_response("200 OK", headers[:])
        if environ["REQUEST_METHOD"] == "HEAD":
            body.close()
            return []
        return read_and_close(body)


def read_and_close(body: BinaryIO) -> Generator[bytes]:
    with body:
        yield from read_chunks(body)


class PrebuiltFiles:
    """The prebuilt files of the current revision; none until all of them are built."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mark = ""
        self.by_address: dict[str, PrebuiltFile] = {}  # by address

    def set_revision(self, mark: str) -> None:
        """Load the files of a revision once they are built; called with every poll."""
        if mark != self.mark:
            self.by_address, self.mark = {}, mark
        if mark and not self.by_address:
            self.by_address = load_files(revision_folder(self.folder, mark))

    def send(self, path: str, environ: Environ, encoding: str, start_response: StartResponse) -> Body | None:
        """Send the file of an address; None if there is none, or none any more."""
        file = self.by_address.get(path)
        try:
            return None if file is None else file.send(environ, encoding, start_response)
        except FileNotFoundError:
            self.by_address = {}
            return None


def load_files(room: Path) -> dict[str, PrebuiltFile]:
    """Read the files of a folder by address; empty while one of them is missing."""
    return {
        path: PrebuiltFile({encoding: room / prebuilt_name(path, encoding) for encoding in encodings}, encodings)
        for path, encodings in read_manifest(room).items()
    }
