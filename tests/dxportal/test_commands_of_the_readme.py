"""Commands of the README, with a real process, a real port and a separate database."""

from __future__ import annotations

import socket
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path

import pytest

from tests.plans import MINAMIHOSHI
from tests.ports import reserve_port
from tests.sites import clean_environment, copy_checkout, run_site

pytestmark = pytest.mark.on_no_database


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return copy_checkout(tmp_path)


def manage(checkout: Path, *arguments: str, **values: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=checkout,
        env=clean_environment(**values),
        capture_output=True,
        text=True,
        timeout=60,
    )


def fetch(port: int, path: str) -> tuple[int, str, Message]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
            return response.status, response.read().decode(), response.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers


@pytest.mark.slow
def test_a_first_run_serves_the_plan_and_a_second_keeps_what_staff_have_edited(checkout: Path) -> None:
    port = reserve_port()
    with run_site(checkout, port) as said:
        assert said == [
            "読み込みました。",
            f"http://127.0.0.1:{port}/ で公開しています（止めるには Ctrl+C）。",
            "最初の管理者は、別の端末で make administrator とすると作れます。",
        ]
        status, html, _ = fetch(port, "/goals/1-2-1/")
        assert status == 200
        assert "中小企業ＤＸ" in html
        assert f'href="http://127.0.0.1:{port}/goals/1-2-1/"' in html
        style = html.split('rel="stylesheet" href="')[1].split('"')[0]
        status, _, headers = fetch(port, style)
        assert status == 200
        assert "immutable" in headers["Cache-Control"]
        status, html, _ = fetch(port, "/no-such-page/")
        assert status == 404
        assert "ページが見つかりません" in html
        assert "Traceback" not in html
        assert "DEBUG" not in html
        assert fetch(port, "/readyz")[0] == 200

    key = checkout / "var" / "secret-key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_text()
    edit = "from catalog.models import Goal; Goal.objects.filter(code='1-2-1').update(keyword='職員の編集')"
    assert manage(checkout, "shell", "-c", edit).returncode == 0
    with run_site(checkout, port) as said:
        assert said[0].startswith("http://")
        assert "職員の編集" in fetch(port, "/goals/1-2-1/")[1]
    assert key.read_text() == before


def sentences(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode != 0
    assert "Traceback" not in result.stderr
    return result.stderr


def test_a_busy_port(checkout: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = str(busy.getsockname()[1])
        assert f"ポート {port} は使えません" in sentences(manage(checkout, "serve", PORT=port))


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1"])
def test_no_port_at_all(checkout: Path, port: str) -> None:
    assert f"PORT={port} はポート番号ではありません" in sentences(manage(checkout, "serve", PORT=port))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgres://nobody@127.0.0.1:1/none", "データベースを使えません"),
        ("sqlite:////no/such/folder/db.sqlite3", "データベースを使えません"),
        ("nonsense", "DATABASE_URL"),
        ("sqlite://", "DATABASE_URL"),
        ("sqlite:///:memory:", "DATABASE_URL"),
        ("postgres://", "DATABASE_URL"),
        ("mysql+x://a", "DATABASE_URL"),
        ("postgres://a:b@[host/db", "DATABASE_URL"),
    ],
)
def test_a_wrong_database_url(checkout: Path, url: str, words: str) -> None:
    result = sentences(manage(checkout, "serve", DATABASE_URL=url, PORT=str(reserve_port())))
    assert words in result
    assert len(result.strip().split("\n")) <= 2


ADDRESSES = ["http://[bad", "a.example", "ftp://a.example", "https://a/b", "https://a:x", "https://u:p@a", "https://a?"]


@pytest.mark.parametrize("url", ADDRESSES)
def test_a_wrong_public_address(checkout: Path, url: str) -> None:
    assert "SITE_URL は" in sentences(manage(checkout, "serve", SITE_URL=url))


def test_a_number_of_workers_that_is_none(checkout: Path) -> None:
    assert "--workers" in sentences(manage(checkout, "serve", "--workers", "x"))


@pytest.mark.parametrize(
    ("name", "value", "bounds"),
    [
        ("WORKERS", "0", "1〜64"),
        ("PAGE_MEMORY", "64MB", "0〜16384"),
        ("STATEMENT_TIMEOUT", "-1", "0〜86400"),
        ("LOCK_TIMEOUT", "1.5", "0〜86400"),
    ],
)
def test_limits_that_are_none(checkout: Path, name: str, value: str, bounds: str) -> None:
    said = sentences(manage(checkout, "serve", **{name: value}))
    assert f"{name}={value} は使えません。{bounds} の整数にしてください。" in said


@pytest.mark.slow
def test_another_plan_fills_an_empty_catalogue(checkout: Path) -> None:
    broken = manage(checkout, "serve", PLAN="nowhere", PORT=str(reserve_port()))
    assert "フォルダーがありません" in sentences(broken)
    port = reserve_port()
    with run_site(checkout, port, PLAN=str(MINAMIHOSHI)):
        assert "南星県デジタル推進プラン" in fetch(port, "/")[1]


def test_a_folder_that_cannot_be_written(checkout: Path) -> None:
    (checkout / "var").write_text("in the way")
    assert "読み書きできません" in sentences(manage(checkout, "serve", PORT=str(reserve_port())))


def test_an_old_python_is_told_which_one_is_needed(checkout: Path) -> None:
    old = checkout / "old-python"
    old.write_text('#!/bin/sh\ncase "$1" in --version) echo "Python 3.8.10";; *) exit 1;; esac\n')
    old.chmod(0o755)
    result = subprocess.run(
        ["make", "run", f"PYTHON={old}"],
        cwd=checkout,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode != 0
    assert "Python 3.11〜3.13 が要ります（Python 3.8.10）" in result.stderr
    assert "Traceback" not in result.stderr
