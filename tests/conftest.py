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
    """What is run once must not depend on the engine, and pytest-django keeps from the database what does not ask."""
    for item in items:
        asks = item.get_closest_marker("django_db") or "db" in getattr(item, "fixturenames", ())
        if asks and item.get_closest_marker("on_no_database"):
            raise pytest.UsageError(f"{item.nodeid} asks for the database and says that it does not")


@pytest.fixture(scope="session", autouse=True)
def static_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Collected files in a place of the tests' own, so that pages find their hashed names.

    They are not compressed, which takes twenty times as long, and WhiteNoise does not read them all for each client;
    the sites that are served in tests do both.
    """
    storages = settings.STORAGES | {"staticfiles": {"BACKEND": HASHED}}
    root = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=root, STORAGES=storages, WHITENOISE_AUTOREFRESH=True):
        call_command("collectstatic", verbosity=0, interactive=False)
        yield


@pytest.fixture(autouse=True)
def free_all_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that a test has not read to the end hold their places until Python collects them."""
    monkeypatch.setattr(
        concurrency,
        "download_limit",
        ConcurrencyLimit(concurrency.MAX_DOWNLOADS, concurrency.MAX_DOWNLOADS_PER_ADDRESS),
    )


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The tests' database, with the shipped plan.

    pytest-django makes none where no test is marked with `django_db`; the plan would go into that of the checkout.
    """
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={DEFAULT_DB_ALIAS})
        load_folder(read_folder(YAMAGUCHI))
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture
def databases(tmp_path: Path, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Databases]:
    """Databases of the test's own, for programs that it starts."""
    made = Databases(tmp_path, django_db_blocker)
    yield made
    made.drop_all()


@pytest.fixture(scope="module", autouse=True)
def catalogue(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[plans.PlanLoader | None]:
    """The plan that `plans.on` names, loaded in a transaction around the tests that ask for it one after the other.

    Each of them has a savepoint of its own within. Before a test that asks for another plan, or for none, this
    transaction is rolled back: pytest ends the fixture where its parameter changes.
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
    """The invented plan in place of the plan of Yamaguchi, loaded for one test."""
    return plans.minamihoshi()


@pytest.fixture
def page(client: Client) -> Callable[[str], str]:
    """Fetch a page that must be there, as text."""

    def fetch(path: str) -> str:
        response = client.get(path)
        assert response.status_code == 200, path
        return response.content.decode()

    return fetch
