"""The file of a backup: a zip with the database, the secret key, a manifest and the SHA-256 of each.

After `unzip`, `sha256sum -c SHA256SUMS` checks the same without the portal.
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
MAX_TEXT_SIZE = 16 << 20  # bytes of a member that is read as a whole


class BackupError(Exception):
    """Why there is no backup, or nothing was restored: sentences for operators."""


class TableHash(BaseModel):
    """A fingerprint of a table: the number of its rows, and the SHA-256 of their texts by primary key."""

    rows: int
    sha256: str


class DatabaseContents(BaseModel):
    """The contents of a database: its tables with their fingerprints."""

    migrations: list[tuple[str, str]]
    tables: dict[str, TableHash]


class Manifest(BaseModel):
    format: int = FORMAT
    portal: str
    engine: Literal["sqlite", "postgresql"]
    program: str  # that wrote the database, with its version
    made_at: datetime
    key_is_in: Literal["file", "environment"]  # the secret key; here, or where only the operator can save it
    contents: DatabaseContents

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.contents.tables.values())


class ArchiveWriter:
    """Adds members to an archive and the checksums of all at the end."""

    def __init__(self, zip_file: ZipFile) -> None:
        self.zip_file = zip_file
        self.checksums: dict[str, str] = {}

    @contextmanager
    def member(self, name: str, *, is_compressed: bool = False) -> Iterator[HashingWriter]:
        """Write a member; `is_compressed` says that its content needs no compression."""
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
    """Write the archive `file`, readable by its owner alone; it is there when it is whole, or not at all.

    What a killed process leaves is called `.FILE.partial`, and the next one writes over it.
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
    """Have a renamed file survive a power cut."""
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
    """Reads an archive that may be damaged or something else: whatever is wrong with it is a BackupError."""

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
        """Return a small member, whose checksum has to hold where there is one."""
        with self.zip_file.open(name) as stream:
            content = stream.read(MAX_TEXT_SIZE)
        if name != CHECKSUMS and sha256(content).hexdigest() != self.checksums[name]:
            raise ValueError(name)
        return content

    def extract(self, name: str, to: Path) -> None:
        """Write a member to a file; raises BackupError, at the latest at its end, if it is not as it was."""
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
        except Exception as error:  # zipfile raises a dozen kinds for damaged files
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
