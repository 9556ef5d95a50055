"""A lost database is not mistaken for a new one: with real processes, on both engines."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest
from django.db import connection

from dxportal.served_markers import database_address
from tests.databases import Databases, assert_refused, manage
from tests.ports import reserve_port
from tests.sites import copy_checkout, run_site

pytestmark = pytest.mark.slow


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return copy_checkout(tmp_path / "checkout")


def markers(checkout: Path) -> list[Path]:
    return sorted((checkout / "var" / "served").glob("*"))


def home(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as response:
        return str(response.read().decode())


def test_a_lost_database_is_filled_only_when_the_operator_says_so(checkout: Path, databases: Databases) -> None:
    url, port = databases.create_filled(), reserve_port()  # like a site last served by a version without markers
    with run_site(checkout, port, DATABASE_URL=url):
        (marker_file,) = markers(checkout)
    assert len(marker_file.name) == 32
    database, address = marker_file.read_text(encoding="utf-8").splitlines()
    assert "@" not in database
    assert address == f"http://127.0.0.1:{port}"
    databases.replace_by_empty(url)
    for made_anew_by in ((), ("migrate",)):
        if made_anew_by:
            assert manage(url, *made_anew_by, folder=checkout).returncode == 0
        said = assert_refused(manage(url, "serve", folder=checkout, PORT=str(port)))
        assert "このサイトで公開していた計画が、データベース（" in said
        assert "manage.py restore ファイル" in said
        assert "manage.py serve --first" in said
        assert len(said.strip().split("\n")) == 1
        with databases.connect(url) as own:
            assert bool(own.introspection.table_names()) == bool(made_anew_by)
    with run_site(checkout, port, "--first", DATABASE_URL=url) as said:
        assert said[0] == "読み込みました。"
        assert "やまぐちデジタル改革基本方針" in home(port)
    assert markers(checkout) == [marker_file]


def test_a_folder_that_cannot_hold_the_marker(checkout: Path, databases: Databases) -> None:
    (checkout / "var").mkdir()
    (checkout / "var" / "served").write_text("in the way")
    said = assert_refused(manage(databases.create_filled(), "serve", folder=checkout, PORT=str(reserve_port())))
    assert "var/served を読み書きできません" in said


@pytest.mark.on_no_database
def test_a_file_that_is_no_database(checkout: Path, tmp_path: Path) -> None:
    file = tmp_path / "damaged.sqlite3"
    file.write_bytes(b"not a database, but long enough for a header\n" * 100)
    for command in ("serve", "check_search"):
        said = assert_refused(manage(f"sqlite:///{file}", command, folder=checkout, PORT=str(reserve_port())))
        assert "データベースのファイルが壊れているか、SQLite のデータベースではありません" in said
        assert len(said.strip().split("\n")) == 1
    assert file.read_bytes().startswith(b"not a database")


def test_spellings_of_an_address_are_one_and_names_of_users_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connection.settings_dict, "NAME", "/tmp/../tmp/./x.sqlite3")  # noqa: S108  # not opened
        assert database_address() == str(Path("/tmp").resolve() / "x.sqlite3")  # noqa: S108
    else:
        parameters = {"USER": "u", "PASSWORD": "p", "HOST": "DB.example", "PORT": "", "NAME": "portal"}
        for name, value in parameters.items():
            monkeypatch.setitem(connection.settings_dict, name, value)
        assert database_address() == "db.example:5432/portal"
