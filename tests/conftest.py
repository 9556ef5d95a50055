"""Fixtures for all tests: the database holds the plan of Yamaguchi unless a test loads another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from dxportal.planfolder.loading import Outcome, load
from dxportal.planfolder.reading import Folder, read_folder

ROOT = Path(__file__).parent.parent
YAMAGUCHI = ROOT / "fixtures" / "yamaguchi-2021"
MINAMIHOSHI = ROOT / "tests" / "folders" / "minamihoshi"


@pytest.fixture(scope="session", autouse=True)
def static_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Collected files in a place of the tests' own, so that pages find their hashed names."""
    from django.conf import settings

    settings.STATIC_ROOT = tmp_path_factory.mktemp("static")
    call_command("collectstatic", verbosity=0, interactive=False)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    with django_db_blocker.unblock():
        load(read_folder(YAMAGUCHI))


@pytest.fixture
def minamihoshi(db: None) -> Folder:
    """The invented plan in place of the plan of Yamaguchi."""
    folder = read_folder(MINAMIHOSHI)
    assert load(folder, replace=True) is Outcome.REPLACED
    return folder


@pytest.fixture
def page(client: Client) -> Callable[[str], str]:
    """Fetch a page that must be there, as text."""

    def fetch(path: str) -> str:
        response = client.get(path)
        assert response.status_code == 200, path
        return response.content.decode()

    return fetch
