"""Several people at once, in processes and transactions of their own, on the engine that the tests run on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.db import connection

from tests.conftest import ROOT, YAMAGUCHI

pytestmark = pytest.mark.slow

DATABASE = "dxportal_at_once"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database of its own with the shipped plan: on the server that the tests use, or a file."""
    if connection.vendor != "postgresql":
        yield filled(f"sqlite:///{tmp_path_factory.mktemp('at-once') / 'db.sqlite3'}")
        return
    server = connection.settings_dict
    at = {
        "host": server["HOST"],
        "port": server["PORT"] or 5432,
        "user": server["USER"],
        "password": server["PASSWORD"],
    }
    admin = psycopg2.connect(dbname="postgres", **at)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    base = os.environ["DATABASE_URL"]
    yield filled(base[: base.rindex("/") + 1] + DATABASE)
    with admin.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
    admin.close()


def filled(url: str) -> str:
    for command in (["migrate", "--verbosity", "0"], ["load_plan", str(YAMAGUCHI)]):
        done = run(url, "manage.py", *command)
        assert done.returncode == 0, done.stderr
    return url


def run(url: str, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATABASE_URL": url}
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True)


def come_of(url: str, what: str) -> Any:
    done = run(url, "-m", "tests.dxportal.changesets.at_once", what)
    assert done.stdout, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_of_two_who_publish_one_field_one_is_told(url: str) -> None:
    came = come_of(url, "publish_one_field_by_two")
    assert came["results"] == ["ConflictError", "published"]
    assert came["amount"] in (1, 2)


def test_of_two_who_publish_one_name_one_is_told_both(url: str) -> None:
    came = come_of(url, "publish_one_name_by_two")
    published, refused = came["results"]
    assert (published, came["stages"]) == ("published", 1)
    assert "「第３号補正」（コード wide）" in refused
    assert "「第3号補正」（コード narrow）" in refused
    assert "同じ名とみなされます" in refused


def test_a_set_is_published_once(url: str) -> None:
    assert come_of(url, "publish_one_set_twice")["results"] == ["WorkflowError", "published"]


def test_what_is_amended_is_not_published_unseen(url: str) -> None:
    came = come_of(url, "amend_while_publishing")
    assert sorted(came["results"]) in (["WorkflowError", "published"], ["WorkflowError", "amended"])
    assert came["amount"] != 5


def test_a_recording_holds_nothing_of_a_publication_beside_it(url: str) -> None:
    came = come_of(url, "record_beside_a_publication")
    assert came["results"] == ["recorded", "published"]
    assert came["recorded"] == ["budgets.budgetline ['amount_thousand_yen']", "projects.project ['kana']"]
    assert came["amount"] == 6


def test_a_process_that_is_killed_while_publishing_leaves_nothing_half_done(url: str) -> None:
    before = come_of(url, "state")
    assert come_of(url, "be_killed_while_publishing") == "about to die"
    after = come_of(url, "state")
    assert {**after, "states": []} == {**before, "states": []}
    assert after["notes"] == 0
    assert after["states"].count("proposed") == before["states"].count("proposed") + 1
