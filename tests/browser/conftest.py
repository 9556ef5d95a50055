"""Fixtures for browser tests: Chromium, and a site started as `make run` starts it."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests import chromium
from tests.browser.administrator import ADDRESS, NAME, PASSWORD, sign_in
from tests.browser.watched_tab import WatchedTab
from tests.page_paths import Get, list_every_page
from tests.ports import reserve_port
from tests.sites import clean_environment, prepare_checkout, run_site

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "locale": "ja-JP"}


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with a loaded database, which each served site is a copy of."""
    return prepare_checkout(tmp_path_factory.mktemp("prepared"))


@pytest.fixture(scope="session")
def checkout(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site that most tests share."""
    return copytree(prepared, tmp_path_factory.mktemp("site"), dirs_exist_ok=True)


@pytest.fixture(scope="session")
def site(checkout: Path) -> Iterator[str]:
    """Run the shared site; yield its address."""
    port = reserve_port()
    with run_site(checkout, port, "--no-prepare"):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def base_url(site: str) -> str:
    """The address that pytest-playwright resolves relative paths against."""
    return site


@pytest.fixture(scope="session")
def get(site: str) -> Get:
    """A function that fetches a path without a browser and returns status and body."""

    def fetch(path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(site + path, timeout=30) as response:  # noqa: S310  # our own site
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    return fetch


@pytest.fixture(scope="session")
def every_path(get: Get) -> list[str]:
    return list_every_page(get)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    program = chromium.find_executable()
    assert program, "Chromium がありません。make system-packages で入ります。"
    return {**browser_type_launch_args, "executable_path": program, "args": chromium.launch_arguments()}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "ja-JP", "reduced_motion": "reduce"}


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A browser tab; it replaces the fixture `page` of the other tests."""
    return context.new_page()


@pytest.fixture
def tab(page: Page, site: str) -> WatchedTab:
    return WatchedTab(page, site)


@pytest.fixture(scope="session")
def administrator(checkout: Path, site: str) -> str:
    """Create the first administrator in the shared site's database; return the user name."""
    subprocess.run(
        [sys.executable, "manage.py", "createsuperuser", "--noinput", "--username", NAME, "--email", ADDRESS],
        cwd=checkout,
        env=clean_environment(DJANGO_SUPERUSER_PASSWORD=PASSWORD),
        check=True,
        timeout=60,
    )
    return NAME


@pytest.fixture
def desk(tab: WatchedTab, administrator: str) -> WatchedTab:
    """A tab in which the administrator has signed in."""
    tab.open("/admin/login/", 1280)
    sign_in(tab.page, administrator, PASSWORD)
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("管理")
    return tab
