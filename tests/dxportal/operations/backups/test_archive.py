"""Archives: an altered file is refused, whatever the alteration."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxportal.operations.backups.archive import (
    CHECKSUMS,
    DATABASE,
    MANIFEST,
    SECRET_KEY,
    BackupError,
    DatabaseContents,
    Manifest,
    TableHash,
    create_archive,
    open_archive,
)
from tests.examples import examples

MEMBERS = {DATABASE: b"rows " * 50, SECRET_KEY: b"a key"}
REFUSED = "壊れているか、manage.py backup で作ったファイルではありません"


def manifest() -> Manifest:
    tables = {"catalog_plan": TableHash(rows=1, sha256="0" * 64)}
    return Manifest(
        portal="0.1.0",
        engine="sqlite",
        program="SQLite 3",
        made_at=datetime(2026, 4, 1, tzinfo=UTC),
        key_is_in="file",
        contents=DatabaseContents(migrations=[("catalog", "0001_initial")], tables=tables),
    )


def write(file: Path) -> None:
    with create_archive(file, replace=True) as archive:
        for name, content in MEMBERS.items():
            archive.add(name, content)
        archive.add(MANIFEST, manifest().model_dump_json().encode())


def read(file: Path, to: Path) -> tuple[Manifest, dict[str, bytes]]:
    with open_archive(file) as archive:
        for name in MEMBERS:
            archive.extract(name, to / name)
        return archive.manifest, {name: (to / name).read_bytes() for name in MEMBERS}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write(tmp_path / "backup.zip")
    return tmp_path / "backup.zip"


def test_what_is_written_is_read_and_for_its_owner_alone(file: Path, tmp_path: Path) -> None:
    assert read(file, tmp_path) == (manifest(), MEMBERS)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_a_backup_is_there_when_it_is_whole_and_replaces_another_only_when_asked(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(BackupError, match="--replace"), create_archive(file, replace=False):
        pass
    with pytest.raises(ZeroDivisionError), create_archive(file, replace=True) as archive:  # noqa: PT012
        archive.add(DATABASE, b"half")
        _ = 1 / 0
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@examples(200)
@given(data=st.data())
def test_a_byte_that_has_changed_changes_nothing_that_is_read_or_is_refused(
    data: st.DataObject, file: Path, tmp_path: Path
) -> None:
    write(file)
    content = bytearray(file.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    file.write_bytes(content)
    try:
        unchanged = read(file, tmp_path) == (manifest(), MEMBERS)
    except BackupError as error:
        unchanged = REFUSED in str(error)
    assert unchanged


@examples(50)
@given(data=st.data())
def test_a_cut_file_is_refused(data: st.DataObject, file: Path, tmp_path: Path) -> None:
    write(file)
    content = file.read_bytes()
    file.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(BackupError, match=REFUSED):
        read(file, tmp_path)


def rewrite(file: Path, changed: dict[str, bytes | None]) -> None:
    """Rewrite the zip with other members, as a repair would; None removes a member."""
    with ZipFile(file) as old:
        members = {name: old.read(name) for name in old.namelist()}
    members.update({name: content for name, content in changed.items() if content is not None})
    with ZipFile(file, "w") as new:
        for name, content in members.items():
            if changed.get(name, content) is not None:
                new.writestr(name, content)


@pytest.mark.parametrize("name", [DATABASE, SECRET_KEY, MANIFEST, CHECKSUMS])
def test_a_member_that_is_missing_or_another(name: str, file: Path, tmp_path: Path) -> None:
    rewrite(file, {name: b"other"})
    with pytest.raises(BackupError, match=REFUSED):
        read(file, tmp_path)
    write(file)
    rewrite(file, {name: None})
    with pytest.raises(BackupError, match=REFUSED):
        read(file, tmp_path)


def test_a_member_too_many_and_a_changed_manifest(file: Path, tmp_path: Path) -> None:
    rewrite(file, {"../../etc/passwd": b"x"})
    with pytest.raises(BackupError, match=REFUSED):
        read(file, tmp_path)
    write(file)
    changed = json.loads(manifest().model_dump_json()) | {"portal": "9.9.9"}
    rewrite(file, {MANIFEST: json.dumps(changed).encode()})
    with pytest.raises(BackupError, match=REFUSED):
        read(file, tmp_path)


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" * 100, b"PK\x05\x06" + b"\0" * 18])
def test_a_file_of_something_else(content: bytes, file: Path, tmp_path: Path) -> None:
    file.write_bytes(content)
    with pytest.raises(BackupError, match=REFUSED):
        read(file, tmp_path)
