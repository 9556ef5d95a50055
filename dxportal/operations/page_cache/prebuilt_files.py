"""The whole tables as finished files on disk: of the revision that is public, sent without asking the database.

They are made by a process of its own (making.py); here they are found and sent. A file that is not there any more is
no error: Django writes the table for each reader until the files are made again.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from dxportal.operations.page_cache.cache_keys import Environ
from dxportal.operations.page_cache.cached_pages import Body, StartResponse, matches
from dxportal.operations.page_cache.prebuild import Told, name_of, pieces, room_of, told_in

OF_A_BODY = {"Content-Type", "Content-Length", "Content-Encoding", "Content-Disposition"}


@dataclass(frozen=True)
class File:
    """A finished file; where it lies, its headers and ETag by encoding."""

    paths: dict[str, Path]
    told: dict[str, Told]

    def send(self, environ: Environ, encoding: str, start_response: StartResponse) -> Body:
        """Raises FileNotFoundError where it is gone."""
        encoding = encoding if encoding in self.paths else "identity"
        headers, etag = self.told[encoding]
        asked = environ.get("HTTP_IF_NONE_MATCH")
        if asked and matches(asked, etag):
            start_response("304 Not Modified", [(name, value) for name, value in headers if name not in OF_A_BODY])
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
        return read(body)


def read(body: BinaryIO) -> Generator[bytes]:
    with body:
        yield from pieces(body)


class Files:
    """The finished files of the revision that is known; none until all of them are made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mark = ""
        self.known: dict[str, File] = {}  # by address

    def turn_to(self, mark: str) -> None:
        """Called again and again: files are found when they are made, and again when they had gone."""
        if mark != self.mark:
            self.known, self.mark = {}, mark
        if mark and not self.known:
            self.known = finished(room_of(self.folder, mark))

    def send(self, path: str, environ: Environ, encoding: str, start_response: StartResponse) -> Body | None:
        """Send the file of an address; None where there is none, or none any more."""
        file = self.known.get(path)
        try:
            return None if file is None else file.send(environ, encoding, start_response)
        except FileNotFoundError:
            self.known = {}
            return None


def finished(room: Path) -> dict[str, File]:
    """The files of a revision by address; nothing while one of them is not there."""
    return {
        path: File({encoding: room / name_of(path, encoding) for encoding in encodings}, encodings)
        for path, encodings in told_in(room).items()
    }
