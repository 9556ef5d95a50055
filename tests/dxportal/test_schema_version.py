"""Every command refuses a database that a newer version has migrated."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from dxportal.schema_version import join_some, newer_migrations, unknown_migrations
from tests.databases import Databases, assert_refused, manage

pytestmark = pytest.mark.slow

COMMANDS = (
    ("migrate",),
    ("serve",),
    ("check_search",),
    ("shell", "-c", "from catalog.models import Plan; Plan.objects.update(title='changed')"),
)


def test_every_command_refuses_and_names_what_it_does_not_know(databases: Databases) -> None:
    url = databases.create_filled()
    future = (
        "INSERT INTO django_migrations (app, name, applied) VALUES ('budgets', '0999_from_the_future', '2030-04-01')"
    )
    with databases.connect(url) as own, own.cursor() as cursor:
        cursor.execute(future)
    for command in COMMANDS:
        said = assert_refused(manage(url, *command))
        assert "このデータベースは、より新しいバージョンのものです（budgets.0999_from_the_future）。" in said, command
        assert len(said.strip().split("\n")) == 1
    with databases.connect(url) as own, own.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalog_plan WHERE title = 'changed'")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_the_site_is_not_ready_on_a_newer_database(client: Client) -> None:
    assert client.get("/readyz").status_code == 200
    MigrationRecorder(connection).record_applied("ledger", "0001_initial")
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"the database is of a newer version\n")


@pytest.mark.django_db
def test_a_database_of_this_version_is_not_newer() -> None:
    assert newer_migrations(connection) == []


def test_apps_of_a_newer_version_count_and_other_versions_of_libraries_do_not() -> None:
    assert unknown_migrations(set()) == []
    assert unknown_migrations({("auth", "0999_other"), ("catalog", "0001_initial")}) == []
    assert unknown_migrations({("ledger", "0001_initial"), ("catalog", "0999_x")}) == [
        "catalog.0999_x",
        "ledger.0001_initial",
    ]


def test_a_long_list_is_cut() -> None:
    assert join_some(["a.1", "a.2", "a.3"]) == "a.1、a.2、a.3"
    assert join_some(["a.1", "a.2", "a.3", "a.4", "a.5"]) == "a.1、a.2、a.3ほか2件"
