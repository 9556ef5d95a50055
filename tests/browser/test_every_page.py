"""Every page at two widths: axe-core, the console, the content security policy, requests, sideways scrolling."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.watched import WatchedTab
from tests.pages import NOT_FOUND, Get

WIDE, NARROW = 1280, 320
# The first part of the path; pages of no group are looked at under "others", so that none is forgotten.
GROUPS = ("projects", "goals", "sources", "domains")
KINDS = (
    "/",
    "/plan/",
    "/areas/3/",
    "/domains/3-1/",
    "/goals/3-1-1/",
    "/sakigake/4/",
    "/projects/workation/",
    "/departments/kyoiku/",
    "/promotion/",
    "/strategy/",
    "/sources/2/11/",
    NOT_FOUND,
)


@pytest.fixture
def tab(browser: Browser, browser_context_args: dict[str, Any], site: str) -> Iterator[WatchedTab]:
    context = browser.new_context(**browser_context_args, reduced_motion="reduce")
    yield WatchedTab(context.new_page(), site)
    context.close()


def tell(tab: WatchedTab) -> None:
    """All problems of a group at once: who mends one wants to see the others."""
    problems = list(dict.fromkeys(tab.problems))
    if problems:
        pytest.fail("\n".join([f"{len(problems)} problems:", *problems]), pytrace=False)


def status(path: str) -> int:
    return 404 if path == NOT_FOUND else 200


@pytest.mark.parametrize("group", [*GROUPS, "others"])
def test_nothing_is_wrong_with_any_page(tab: WatchedTab, every_path: list[str], group: str) -> None:
    def group_of(path: str) -> str:
        first = path.split("/")[1]
        return first if first in GROUPS else "others"

    paths = [path for path in every_path if group_of(path) == group]
    assert paths
    for path in paths:
        tab.open(path, WIDE, status(path))
        for width in (WIDE, NARROW):
            tab.resize(width)
            tab.check_width(f"{width}px")
            tab.check_axe(f"{width}px")
        tab.check_policy()
    tell(tab)


def test_nothing_is_wrong_in_dark_colours(tab: WatchedTab) -> None:
    tab.page.emulate_media(color_scheme="dark")
    for path in KINDS:
        tab.open(path, WIDE, status(path))
        tab.check_axe("dark")
        tab.check_policy()
    tell(tab)


def test_every_page_has_a_title_of_its_own(get: Get, every_path: list[str]) -> None:
    paths_by_title = defaultdict(list)
    for path in every_path:
        found = re.search(r"<title>(.*?)</title>", get(path)[1].decode(), re.DOTALL)
        paths_by_title[found[1].strip() if found else ""].append(path)
    assert "" not in paths_by_title
    assert {title: paths for title, paths in paths_by_title.items() if len(paths) > 1} == {}
