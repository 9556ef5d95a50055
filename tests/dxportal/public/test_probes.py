from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from django.test import Client

from dxportal.planfiles.loading import delete_catalogue
from tests.derived_tables import refresh_rows

pytestmark = pytest.mark.django_db
VERSION = tomllib.loads(Path("pyproject.toml").read_text())["project"]["version"]


def test_health_does_not_ask_the_database(client: Client, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):
        assert client.get("/healthz").content.decode() == f"ok\nversion {VERSION}\n"


def test_readiness_needs_a_plan(client: Client) -> None:
    assert client.get("/readyz").status_code == 200
    delete_catalogue()
    refresh_rows()
    assert client.get("/readyz").status_code == 503
