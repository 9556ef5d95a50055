"""Parsing of environment variables."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from dxportal.environment import database_settings, parse_integer

FILE = Path("/tmp/portal.sqlite3")  # noqa: S108  # never opened


@pytest.mark.parametrize(("value", "number"), [("", 64), ("0", 0), ("16384", 16_384), ("007", 7)])
def test_amounts(value: str, number: int) -> None:
    assert parse_integer("PAGE_MEMORY", value, default=64, most=16_384) == number


@pytest.mark.parametrize("value", ["16385", "-1", "1.5", "64MB", "x", " ", "６４", "9" * 5000, "0" * 20])
def test_amounts_that_are_none(value: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        parse_integer("PAGE_MEMORY", value, default=64, most=16_384)
    said = str(caught.value)
    assert said == f"PAGE_MEMORY={value[:20]} は使えません。0〜16384 の整数にしてください。"


def test_limits_of_time_for_sqlite() -> None:
    options = database_settings("", FILE, statement_timeout=60, lock_timeout=7)["OPTIONS"]
    assert options["timeout"] == 7
    assert "statement" not in str(options)


def test_limits_of_time_for_postgresql() -> None:
    settings = database_settings("postgres://a@b/c", FILE, statement_timeout=60, lock_timeout=7)
    assert settings["OPTIONS"]["options"] == "-c statement_timeout=60s -c lock_timeout=7s -c jit=off -c work_mem=32MB"
    assert settings["OPTIONS"]["connect_timeout"] == 5
    assert settings["CONN_HEALTH_CHECKS"] is True


def test_what_the_address_says_itself_holds() -> None:
    url = "postgres://a@b/c?connect_timeout=9&options=-c%20statement_timeout%3D5s"
    options = database_settings(url, FILE, statement_timeout=60, lock_timeout=7)["OPTIONS"]
    assert options["options"].endswith("-c statement_timeout=5s")  # PostgreSQL takes the last of two
    assert int(options["connect_timeout"]) == 9
