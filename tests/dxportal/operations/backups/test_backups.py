"""Backup and restore on both engines, with real processes and concurrent writers."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.db import connection as tests_connection
from django.db.backends.base.base import BaseDatabaseWrapper

from dxportal.operations.backups.archive import SECRET_KEY, BackupError
from dxportal.operations.backups.creating import create_backup
from dxportal.operations.backups.engines import engine_for
from dxportal.operations.backups.restoring import differing_tables, restore_backup, restore_secret_key
from dxportal.operations.backups.scratch import scratch_folder
from dxportal.secret_key import newly_generated
from tests.databases import Databases, assert_refused, manage
from tests.dxportal.operations.backups.writing import CHANGES
from tests.sites import ROOT, clean_environment, copy_checkout
from tests.upgrades.databases import connect_to

pytestmark = pytest.mark.slow

BACKUPS = 6  # beside writers
PAGES = (
    "from django.conf import settings\n"
    "from django.test import Client\n"
    "settings.STORAGES['staticfiles'] = {'BACKEND': 'django.contrib.staticfiles.storage.StaticFilesStorage'}\n"
    "for path in ('/', '/budgets/?year=2021', '/goals/1-2-1/', '/search/?q=スマート', '/sources/5/27/', '/changes/'):\n"
    "    print(Client(SERVER_NAME='localhost').get(path).content.decode())\n"
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return copy_checkout(tmp_path / "checkout")


def query(connection: BaseDatabaseWrapper, statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def test_a_site_is_the_same_on_another_machine(databases: Databases, checkout: Path, tmp_path: Path) -> None:
    url, file, elsewhere = databases.create_filled(), tmp_path / "backup.zip", copy_checkout(tmp_path / "elsewhere")
    edit = "from catalog.models import Goal; Goal.objects.filter(code='1-2-1').update(keyword='職員の編集')"
    assert manage(url, "shell", "-c", edit, folder=checkout).returncode == 0
    assert manage(url, "rebuild_search", folder=checkout).returncode == 0
    made = manage(url, "backup", file, folder=checkout)
    assert made.returncode == 0, made.stderr
    assert f"{file} にバックアップを作りました（{engine_name()}、" in made.stdout
    assert "秘密鍵（var/secret-key）も入っています。" in made.stdout
    assert "--replace" in assert_refused(manage(url, "backup", file, folder=checkout))

    other = databases.create_empty()
    restored = manage(other, "restore", file, "--verify", folder=elsewhere)
    assert restored.returncode == 0, restored.stdout + restored.stderr
    for words in (
        "に復元しました。",
        f"{elsewhere}/var/secret-key に秘密鍵を復元しました。",
        "すべての表の行が、バックアップしたときと同じです（",
        "カタログに矛盾はありません（check_plan）。",
        "索引は公開されている内容と同じです（626件）。",
    ):
        assert words in restored.stdout
    key = elsewhere / "var" / "secret-key"
    assert key.read_text() == (checkout / "var" / "secret-key").read_text()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    pages = [manage(one, "shell", "-v0", "-c", PAGES, folder=checkout).stdout for one in (url, other)]
    assert "職員の編集" in pages[0]
    assert pages[0] == pages[1]
    for one, folder in ((url, tmp_path / "a"), (other, tmp_path / "b")):
        assert manage(one, "dump_plan", folder, folder=checkout).returncode == 0
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert "データベースは空ではありません（" in assert_refused(manage(other, "restore", file, folder=elsewhere))


def engine_name() -> str:
    return "SQLite" if tests_connection.vendor == "sqlite" else "PostgreSQL"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@contextmanager
def concurrent_writer(url: str, log: Path) -> Iterator[Callable[[], int]]:
    """Run a process that commits change sets without a pause; yield a function that counts them."""
    command = [sys.executable, "-m", "tests.dxportal.operations.backups.writing"]
    with (
        log.open("w") as out,
        subprocess.Popen(command, cwd=ROOT, env=clean_environment(DATABASE_URL=url), stdout=out) as process,
    ):
        try:
            yield lambda: log.read_text().count("\n")
        finally:
            process.kill()


def test_backups_beside_writers_hold_whole_sets_and_all_that_was_committed_before(
    databases: Databases, var: Path, tmp_path: Path
) -> None:
    url, file = databases.create_filled(), tmp_path / "backup.zip"
    meanwhile = 0
    with databases.connect(url) as connection, concurrent_writer(url, tmp_path / "log") as committed:
        while not committed():
            time.sleep(0.01)
        for _ in range(BACKUPS):
            before = committed()
            create_backup(connection, file, replace=True)
            meanwhile += committed() - before
            with databases.connect(databases.create_empty()) as other:
                manifest, _ = restore_backup(other, file)
                assert differing_tables(other, manifest) == []
                sets = query(other, "SELECT count(*) FROM changes_changeset")
                counted = query(other, "SELECT count(*) FROM changes_change GROUP BY change_set_id")
            assert before <= len(counted) == sets[0][0]
            assert set(counted) == {(CHANGES,)}
    assert meanwhile > BACKUPS


def test_rows_that_differ_are_named(databases: Databases, var: Path, tmp_path: Path) -> None:
    with databases.connect(databases.create_filled()) as connection, connection.cursor() as cursor:
        manifest = create_backup(connection, tmp_path / "backup.zip")
        assert differing_tables(connection, manifest) == []
        assert manifest.contents.tables["catalog_plan"].rows == 1
        for statement, table in (
            ("UPDATE catalog_goal SET keyword = 'x' WHERE code = '1-2-1'", "catalog_goal"),
            ("DELETE FROM revisions_revision", "revisions_revision"),
            ("CREATE TABLE other (a integer, b varchar(9))", "other"),
        ):
            cursor.execute(statement)
            assert table in differing_tables(connection, manifest)
        cursor.execute("INSERT INTO other VALUES (2, 'b'), (1, 'Ä'), (1, 'a')")
        before = engine_for(connection).read_contents(connection).tables["other"]
        cursor.execute("DELETE FROM other")
        cursor.execute("INSERT INTO other VALUES (1, 'a'), (2, 'b'), (1, 'Ä')")
        assert engine_for(connection).read_contents(connection).tables["other"] == before
        cursor.execute("UPDATE other SET b = NULL WHERE b = 'b'")
        assert engine_for(connection).read_contents(connection).tables["other"] != before


def test_a_migrated_database_without_rows_is_empty(databases: Databases, var: Path, tmp_path: Path) -> None:
    url, file = databases.create_empty(), tmp_path / "backup.zip"
    assert manage(url, "migrate").returncode == 0
    with databases.connect(databases.create_filled()) as connection:
        manifest = create_backup(connection, file)
    with databases.connect(url) as other:
        restore_backup(other, file)
        assert differing_tables(other, manifest) == []


def test_what_is_refused_leaves_the_database_as_it_was(databases: Databases, var: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    with databases.connect(databases.create_filled()) as connection:
        create_backup(connection, file)
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('desk', '0999_x', '2030-04-01')")
        create_backup(connection, tmp_path / "newer.zip")
    damaged = bytearray(file.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (tmp_path / "damaged.zip").write_bytes(damaged)
    with databases.connect(databases.create_empty()) as other:
        for name, words in (("damaged.zip", "壊れているか"), ("newer.zip", r"より新しいバージョン.*desk\.0999_x")):
            with pytest.raises(BackupError, match=words):
                restore_backup(other, tmp_path / name)
            assert other.introspection.table_names() == []
        with other.cursor() as cursor:
            cursor.execute("CREATE TABLE notes_of_somebody (id integer)")
        with pytest.raises(BackupError, match="空ではありません（notes_of_somebody）"):
            restore_backup(other, file)
    with (
        pytest.raises(BackupError, match=r"no-such\.zip を読み書きできません"),
        databases.connect(databases.create_empty()) as other,
    ):
        restore_backup(other, tmp_path / "no-such.zip")


def test_a_backup_of_a_version_before_is_brought_to_this_one(
    databases: Databases, var: Path, checkout: Path, tmp_path: Path
) -> None:
    with databases.blocker.unblock(), connect_to("0.1.0"):
        create_backup(tests_connection, tmp_path / "old.zip")
    url = databases.create_empty()
    done = manage(url, "restore", tmp_path / "old.zip", "--verify", folder=checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "すべての表の行が、バックアップしたときと同じです（" in done.stdout
    assert "データベースをこのバージョンに合わせました。" in done.stdout
    assert manage(url, "migrate", "--check", folder=checkout).returncode == 0


def test_a_key_in_the_environment_is_not_in_the_backup(
    databases: Databases, var: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "backup.zip"
    monkeypatch.setenv("SECRET_KEY", "of the environment")
    with databases.connect(databases.create_filled()) as connection:
        call = create_backup(connection, file)
    assert call.key_is_in == "environment"
    assert SECRET_KEY not in ZipFile(file).namelist()
    monkeypatch.delenv("SECRET_KEY")
    assert "同じ値を設定してください" in restore_secret_key(call, tmp_path / "none", var / "secret-key")


def test_a_key_that_stands_is_kept_unless_it_was_made_a_moment_ago(
    databases: Databases, var: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with databases.connect(databases.create_filled()) as connection:
        manifest = create_backup(connection, tmp_path / "backup.zip")
    current, backed_up = var / "secret-key", tmp_path / "key"
    backed_up.write_text("a key")
    assert "同じです" in restore_secret_key(manifest, backed_up, current)
    current.write_text("another key")
    assert "今のものを残しました" in restore_secret_key(manifest, backed_up, current)
    assert current.read_text() == "another key"
    monkeypatch.setenv("SECRET_KEY", "of the environment")
    assert "環境変数 SECRET_KEY のもの" in restore_secret_key(manifest, backed_up, current)
    monkeypatch.delenv("SECRET_KEY")
    newly_generated.add(current)
    assert "復元しました" in restore_secret_key(manifest, backed_up, current)
    assert current.read_text() == "a key"
    newly_generated.remove(current)


def test_one_at_a_time_and_nothing_to_back_up(databases: Databases, var: Path, tmp_path: Path) -> None:
    nothing = pytest.raises(BackupError, match="データベースに表がありません")
    with databases.connect(databases.create_empty()) as connection, nothing:
        create_backup(connection, tmp_path / "backup.zip")
    with databases.connect(databases.create_filled()) as connection:
        with scratch_folder(var / "x"), pytest.raises(BackupError, match="別のバックアップか復元が動いています"):
            create_backup(connection, tmp_path / "backup.zip")
        with pytest.raises(BackupError, match="読み書きできません"):
            create_backup(connection, tmp_path / "no-such-folder" / "backup.zip")
    assert not (tmp_path / "backup.zip").exists()


def kill_when(moment: Callable[[], bool], url: str, *arguments: str | Path, folder: Path) -> None:
    """Run a command and kill its process group as soon as `moment` returns true."""
    command = [sys.executable, "manage.py", *map(str, arguments)]
    process = subprocess.Popen(command, cwd=folder, env=clean_environment(DATABASE_URL=url), start_new_session=True)
    while not moment() and process.poll() is None:
        time.sleep(0.0005)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_a_killed_backup_leaves_no_file_and_the_next_one_is_whole(
    databases: Databases, checkout: Path, tmp_path: Path
) -> None:
    url, folder = databases.create_filled(), tmp_path / "backups"
    folder.mkdir()
    partial, file = folder / ".backup.zip.partial", folder / "backup.zip"
    kill_when(partial.exists, url, "backup", file, folder=checkout)
    assert [path.name for path in folder.iterdir()] == [partial.name]
    assert manage(url, "backup", file, folder=checkout).returncode == 0
    assert [path.name for path in folder.iterdir()] == [file.name]
    assert not list((checkout / "var").glob("backing-up"))


def test_a_killed_restore_leaves_the_database_empty_or_whole(
    databases: Databases, var: Path, checkout: Path, tmp_path: Path
) -> None:
    file = tmp_path / "backup.zip"
    with databases.connect(databases.create_filled()) as connection:
        manifest = create_backup(connection, file)
    url = databases.create_empty()
    with databases.connect(url) as other:
        scratch = engine_for(other).staging_folder(other, checkout / "var")

        def restoring() -> bool:
            """Tell whether PostgreSQL has uncommitted rows; a SQLite file is renamed atomically."""
            programs = query(other, "SELECT datname FROM pg_stat_activity WHERE application_name = 'pg_restore'")
            return (other.settings_dict["NAME"],) in programs

        for moment in [scratch.exists, *([restoring] if other.vendor == "postgresql" else [])]:
            kill_when(moment, url, "restore", file, folder=checkout)
            wait_for_others(other)
            if not (is_empty := other.introspection.table_names() == []):
                assert differing_tables(other, manifest) == []
            other.close()  # `restore` replaces no file that somebody has open
    if is_empty:
        assert manage(url, "restore", file, "--verify", folder=checkout).returncode == 0
    assert not scratch.exists()


def wait_for_others(connection: BaseDatabaseWrapper) -> None:
    """Wait until the server notices that the killed programs have disconnected."""
    others = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    while connection.vendor == "postgresql" and query(connection, others):
        time.sleep(0.05)


def test_a_file_that_somebody_has_open_is_not_replaced(databases: Databases, var: Path, tmp_path: Path) -> None:
    with databases.connect(databases.create_filled()) as connection:
        create_backup(connection, tmp_path / "backup.zip")
    url = databases.create_empty()
    with databases.connect(url) as holder, databases.connect(url) as other:
        holder.ensure_connection()
        query(holder, "SELECT 1")
        if other.vendor == "sqlite":
            with holder.cursor() as cursor:
                cursor.execute("CREATE TABLE django_session (id integer)")
            with pytest.raises(BackupError, match="サイトを止めてから"):
                restore_backup(other, tmp_path / "backup.zip")
            assert query(other, "SELECT count(*) FROM django_session") == [(0,)]
            other.close()
            holder.close()
        restore_backup(other, tmp_path / "backup.zip")
        assert query(other, "SELECT count(*) FROM catalog_plan") == [(1,)]
