"""Backup archive: a zip with the database, the secret key, a manifest and the SHA-256 of each.

After `unzip`, `sha256sum -c SHA256SUMS` verifies it without the portal.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Literal
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from pydantic import BaseModel

FORMAT = 1
DATABASE, SECRET_KEY, MANIFEST, CHECKSUMS = "database", "secret-key", "manifest.json", "SHA256SUMS"
CHUNK_SIZE = 1 << 20  # bytes
MAX_TEXT_SIZE = 16 << 20  # bytes of a member that is read into memory


class BackupError(Exception):
    """Raised when nothing is backed up or restored, with sentences for operators."""


class TableHash(BaseModel):
    """Fingerprint of a table: number of rows, and SHA-256 of the rows as text in the order of the primary key."""

    rows: int
    sha256: str


class DatabaseContents(BaseModel):
    """Contents of a database: applied migrations, and tables with their fingerprints."""

    migrations: list[tuple[str, str]]
    tables: dict[str, TableHash]


class Manifest(BaseModel):
    format: int = FORMAT
    portal: str
    engine: Literal["sqlite", "postgresql"]
    program: str  # name and version of the program that wrote the database
    made_at: datetime
    key_is_in: Literal["file", "environment"]  # in the archive, or in a variable that the operator saves
    contents: DatabaseContents

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.contents.tables.values())


class ArchiveWriter:
    """Writer of members, and of their checksums at the end."""

    def __init__(self, zip_file: ZipFile) -> None:
        self.zip_file = zip_file
        self.checksums: dict[str, str] = {}

    @contextmanager
    def member(self, name: str, *, is_compressed: bool = False) -> Iterator[HashingWriter]:
        """Open a new member for writing; `is_compressed` tells that its content is compressed already."""
        self.zip_file.compression = ZIP_STORED if is_compressed else ZIP_DEFLATED
        with self.zip_file.open(name, "w", force_zip64=True) as stream:
            writer = HashingWriter(stream)
            yield writer
        self.checksums[name] = writer.digest.hexdigest()

    def add(self, name: str, content: bytes) -> None:
        with self.member(name) as stream:
            stream.write(content)

    def add_checksums(self) -> None:
        lines = [f"{checksum}  {name}\n" for name, checksum in self.checksums.items()]
        self.zip_file.writestr(CHECKSUMS, "".join(lines))


class HashingWriter:
    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.digest = stream, sha256()

    def write(self, chunk: bytes) -> int:
        self.digest.update(chunk)
        return self.stream.write(chunk)


@contextmanager
def create_archive(file: Path, *, replace: bool) -> Iterator[ArchiveWriter]:
    """Write the archive `file` atomically, readable by its owner only.

    A killed process leaves `.FILE.partial` behind, which the next one overwrites.
    """
    if file.exists() and not replace:
        raise BackupError(f"{file} はもうあります。別の名前にするか、置き換えるには --replace を付けてください。")
    partial = file.with_name(f".{file.name}.partial")
    try:
        with open(partial, "wb", opener=open_private) as stream:
            with ZipFile(stream, "w", compresslevel=1) as zip_file:
                writer = ArchiveWriter(zip_file)
                yield writer
                writer.add_checksums()
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(file)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(file.parent)


def open_private(path: str, flags: int) -> int:
    Path(path).unlink(missing_ok=True)  # it may be readable by others
    return os.open(path, flags | os.O_EXCL, 0o600)


def sync_folder(folder: Path) -> None:
    """Flush a folder to disk, so that a rename in it survives a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def open_archive(file: Path) -> Iterator[ArchiveReader]:
    with file.open("rb") as stream:
        yield ArchiveReader(file, stream)


class ArchiveReader:
    """Reader of an archive that may be damaged or not an archive at all: every defect raises BackupError."""

    def __init__(self, file: Path, stream: IO[bytes]) -> None:
        self.file = file
        with self.damage_as_backup_error():
            self.zip_file = ZipFile(stream)
            lines = self.read_text(CHECKSUMS).decode("ascii").splitlines()
            self.checksums = {name: checksum for checksum, name in (line.split("  ") for line in lines)}
            names = {*self.checksums, CHECKSUMS}
            if sorted(names) != sorted(self.zip_file.namelist()) or not {DATABASE, MANIFEST} <= names:
                raise ValueError("members")
            self.manifest = Manifest.model_validate_json(self.read_text(MANIFEST))
            if (self.manifest.key_is_in == "file") != (SECRET_KEY in names):
                raise ValueError("secret-key")

    def read_text(self, name: str) -> bytes:
        """Return the content of a small member; raise ValueError if its checksum differs."""
        with self.zip_file.open(name) as stream:
            content = stream.read(MAX_TEXT_SIZE)
        if name != CHECKSUMS and sha256(content).hexdigest() != self.checksums[name]:
            raise ValueError(name)
        return content

    def extract(self, name: str, to: Path) -> None:
        """Write a member to a file; raise BackupError if its checksum differs, after it is written."""
        digest = sha256()
        with to.open("wb") as target:
            for chunk in self.chunks(name):
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        if digest.hexdigest() != self.checksums[name]:
            raise self.damage_error(name)

    def chunks(self, name: str) -> Iterator[bytes]:
        with self.damage_as_backup_error():
            stream = self.zip_file.open(name)
        with stream:
            while True:
                with self.damage_as_backup_error():
                    chunk = stream.read(CHUNK_SIZE)
                if not chunk:
                    return
                yield chunk

    @contextmanager
    def damage_as_backup_error(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # zipfile raises a dozen types for damaged files
            raise self.damage_error(error) from error

    def damage_error(self, reason: Any) -> BackupError:
        return BackupError(
            f"{self.file} は壊れているか、manage.py backup で作ったファイルではありません（{first_line(reason)}）。"
            "何も復元していません。別のバックアップを使ってください。"
        )


@contextmanager
def os_error_as_backup_error(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupError(
            f"{error.filename or file} を読み書きできません（{error.strerror}）。"
            "場所と権限、ディスクの空きを確かめてください。"
        ) from error


def first_line(text: Any) -> str:
    return str(text).strip().split("\n")[0]
