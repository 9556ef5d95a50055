"""Outages are recognised by error codes and explained to readers; other database errors remain server errors."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import Error, OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone

from catalog.models import Department
from dxportal.outages import POSTGRESQL_OUTAGES, Outage, find_outage

pytestmark = pytest.mark.django_db
READ_ONLY = {"postgresql": "SET transaction_read_only = on", "sqlite": "PRAGMA query_only = 1"}


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def read_only(db: None) -> Iterator[None]:
    """Make the database read-only, as after a failover."""
    User.objects.create_superuser("admin", password="long enough 2021")  # noqa: S106
    with connection.cursor() as cursor:
        cursor.execute(
            "SET transaction_read_only = on" if connection.vendor == "postgresql" else "PRAGMA query_only = 1"
        )
    yield
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = 0")


def sign_in(client: Client) -> Any:
    return client.post("/admin/login/", {"username": "admin", "password": "long enough 2021"})


def test_a_read_only_database_is_told_in_words(read_only: None, client: Client) -> None:
    assert client.get("/").status_code == 200
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"the database is read-only\n")
    response = sign_in(client)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "10")
    html = response.content.decode()
    assert "システムが読み取り専用になっているため、ただいま書き込めません。" in html
    assert "書き込めるようになるまで、だれもログインできません。" in html


def test_a_session_that_cannot_be_written_is_no_fault_of_the_request(client: Client) -> None:
    """Answer 503, although Django treats a session that it cannot update as deleted: a bad request."""
    client.force_login(User.objects.create_superuser("admin"))
    session = client.session
    session["change_set"] = 10**9  # a missing set is removed from the session, which is therefore saved
    session.save()
    with connection.cursor() as cursor:
        cursor.execute(
            "SET transaction_read_only = on" if connection.vendor == "postgresql" else "PRAGMA query_only = 1"
        )
        response = client.get("/admin/")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA query_only = 0")
    assert response.status_code == 503
    assert "書き込めません" in response.content.decode()


@pytest.mark.parametrize("code", sorted(POSTGRESQL_OUTAGES))
def test_codes_of_postgresql(code: str) -> None:
    """Raise each code in the server itself, on PostgreSQL."""
    if connection.vendor == "postgresql":
        state = code.ljust(5, "0")
        with pytest.raises(Error) as caught, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$")
        assert find_outage(caught.value) is POSTGRESQL_OUTAGES[code]


def test_a_full_disk_is_told(client: Client, tmp_path: Path) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1")  # SQLite raises it to the current number of pages
            response = client.get("/readyz")
            cursor.execute("PRAGMA max_page_count = 1073741823")
        assert (response.status_code, response.content) == (503, b"the disk is full\n")
    file = sqlite3.connect(tmp_path / "full.sqlite3")
    file.execute("CREATE TABLE t (x)")
    file.execute("PRAGMA max_page_count = 2")
    with pytest.raises(sqlite3.OperationalError) as caught:
        file.execute("INSERT INTO t VALUES (?)", ["x" * 100_000])
    file.close()
    error = OperationalError()
    error.__cause__ = caught.value
    assert find_outage(error) is Outage.FULL


def bad_pattern(*arguments: object) -> object:
    return list(Department.objects.filter(name__regex="("))


def test_a_faulty_statement_is_no_outage(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Error) as caught, transaction.atomic():
        bad_pattern()
    assert find_outage(caught.value) is None
    monkeypatch.setattr("dxportal.public.plan.sakigake_money", bad_pattern)
    with caplog.at_level(logging.CRITICAL):
        assert client.get("/").status_code == 500


def test_an_outage_is_found_behind_other_errors(read_only: None) -> None:
    assert find_outage(None) is None
    assert find_outage(ValueError("x")) is None
    with pytest.raises(Error) as caught, transaction.atomic():
        Session.objects.create(session_key="x", session_data="", expire_date=timezone.now())
    error = RuntimeError()
    error.__context__ = caught.value
    assert find_outage(error) is find_outage(caught.value) is Outage.READ_ONLY
