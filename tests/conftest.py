"""Fixtures for all tests: the database holds the plan of Yamaguchi unless a test loads another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, transaction
from django.test import Client, override_settings
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

from dxportal.concurrency_limits import ConcurrencyLimit
from dxportal.exports import concurrency
from dxportal.planfiles.folder_reader import read_folder
from dxportal.planfiles.loading import load_folder
from dxportal.planfiles.schema import Folder
from tests import plans
from tests.databases import Databases
from tests.examples import load_profile

ROOT = Path(__file__).parent.parent
YAMAGUCHI = ROOT / "fixtures" / "yamaguchi-2021"
HASHED = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"

load_profile()  # before tests are imported, which take their numbers of cases from it


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse tests marked `on_no_database` that use the database: they run once, not on each engine."""
    for item in items:
        asks = item.get_closest_marker("django_db") or "db" in getattr(item, "fixturenames", ())
        if asks and item.get_closest_marker("on_no_database"):
            raise pytest.UsageError(f"{item.nodeid} asks for the database and says that it does not")


@pytest.fixture(scope="session", autouse=True)
def static_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Collect static files in a folder of the tests, so that pages find their hashed names.

    They are not compressed, which would take twenty times as long, and WhiteNoise does not read them all for each
    client; the sites that tests serve do both.
    """
    storages = settings.STORAGES | {"staticfiles": {"BACKEND": HASHED}}
    root = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=root, STORAGES=storages, WHITENOISE_AUTOREFRESH=True):
        call_command("collectstatic", verbosity=0, interactive=False)
        yield


@pytest.fixture(autouse=True)
def free_all_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reset the limit of concurrent exports: responses that a test leaves unread count until they are collected."""
    monkeypatch.setattr(
        concurrency,
        "download_limit",
        ConcurrencyLimit(concurrency.MAX_DOWNLOADS, concurrency.MAX_DOWNLOADS_PER_ADDRESS),
    )


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Create the tests' database and load the shipped plan.

    pytest-django creates none if no test is marked with `django_db`; the plan would go into the checkout's own.
    """
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={DEFAULT_DB_ALIAS})
        load_folder(read_folder(YAMAGUCHI))
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture
def databases(tmp_path: Path, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Databases]:
    """Databases for programs that the test starts; dropped afterwards."""
    made = Databases(tmp_path, django_db_blocker)
    yield made
    made.drop_all()


@pytest.fixture(scope="module", autouse=True)
def catalogue(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[plans.PlanLoader | None]:
    """Load the plan that `use_plans` names, in one transaction around consecutive tests that use it.

    Each test runs in a savepoint within. The transaction is rolled back before a test that uses another plan or none:
    pytest ends the fixture when its parameter changes.
    """
    plan: plans.PlanLoader | None = getattr(request, "param", None)
    if plan is None:
        yield None
        return
    request.getfixturevalue("django_db_setup")
    with ExitStack() as undone:
        with django_db_blocker.unblock():
            undone.enter_context(transaction.atomic())
            plan()
        yield plan
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            undone.close()


@pytest.fixture
def minamihoshi(db: None) -> Folder:
    """Load the invented plan instead of the shipped one, for one test."""
    return plans.minamihoshi()


@pytest.fixture
def page(client: Client) -> Callable[[str], str]:
    """Fetch a page that must be there, as text."""

    def fetch(path: str) -> str:
        response = client.get(path)
        assert response.status_code == 200, path
        return response.content.decode()

    return fetch
