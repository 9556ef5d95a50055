"""The whole tables as finished files on disk: of the revision that is public, sent without asking the database."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from dxportal.kept.asking import Environ
from dxportal.kept.making import HEADERS, UNFINISHED, Told, name_of, pieces
from dxportal.kept.pages import StartResponse, matches

logger = logging.getLogger(__name__)


OF_A_BODY = {"Content-Type", "Content-Length", "Content-Encoding", "Content-Disposition"}


@dataclass(frozen=True)
class File:
    """A finished file; where it lies, its headers and ETag by encoding."""

    paths: dict[str, Path]
    told: dict[str, Told]

    def send(self, environ: Environ, encoding: str, start_response: StartResponse) -> Iterable[bytes]:
        encoding = encoding if encoding in self.paths else "identity"
        headers, etag = self.told[encoding]
        asked = environ.get("HTTP_IF_NONE_MATCH")
        if asked and matches(asked, etag):
            start_response("304 Not Modified", [(name, value) for name, value in headers if name not in OF_A_BODY])
            return []
        body = self.paths[encoding].open("rb")
        start_response("200 OK", [(name, value) for name, value in headers])
        if environ["REQUEST_METHOD"] == "GET":
            return read(body)
        body.close()
        return []


def read(body: BinaryIO) -> Iterator[bytes]:
    with body:
        yield from pieces(body)


class Files:
    """The finished files of the revision that is known; none until all of them are made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mark = ""
        self.known: dict[str, File] = {}  # by address
        self.making: subprocess.Popen[bytes] | None = None

    def turn_to(self, mark: str) -> None:
        """Called again and again: whoever first sees a new revision has its files made, all see when they are."""
        if mark != self.mark:
            self.known, self.mark = {}, mark
            self.begin(mark)
        if mark and not self.known:
            self.known = finished(self.folder / mark)
        if self.making and (code := self.making.poll()) is not None:
            self.making = None
            if code:
                logger.error("The finished files could not be made; tables are written anew for each reader.")

    def begin(self, mark: str) -> None:
        """Have the files made by a process of its own, so that nobody waits for it here."""
        if not mark or (self.folder / mark).exists():
            return
        try:
            (self.folder / (mark + UNFINISHED)).mkdir(parents=True)
        except FileExistsError:
            return  # another process is at it
        if self.making:  # of a revision that is public no more
            self.making.terminate()
            self.making.wait()
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "make_files", mark]
        self.making = subprocess.Popen(command, env=os.environ | {"STATEMENT_TIMEOUT": "0"})  # noqa: S603  # no shell

    def get(self, path: str) -> File | None:
        return self.known.get(path)


def finished(room: Path) -> dict[str, File]:
    """The files of a revision by address; nothing while there are none."""
    try:
        told: dict[str, dict[str, Told]] = json.loads((room / HEADERS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {
        path: File({encoding: room / name_of(path, encoding) for encoding in encodings}, encodings)
        for path, encodings in told.items()
    }
