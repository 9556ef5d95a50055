"""Every page at two widths: axe-core, the console, the content security policy, requests, sideways scrolling."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from tests.browser.watched_tab import WatchedTab
from tests.page_paths import ONE_OF_EACH_KIND, Get

WIDE, NARROW = 1280, 320
# The first part of the path; pages of no group are looked at under "others", so that none is forgotten.
GROUPS = ("projects", "goals", "sources", "domains")


@pytest.mark.parametrize("group", [*GROUPS, "others"])
def test_nothing_is_wrong_with_any_page(tab: WatchedTab, every_path: list[str], group: str) -> None:
    def group_of(path: str) -> str:
        first = path.split("/")[1]
        return first if first in GROUPS else "others"

    paths = [path for path in every_path if group_of(path) == group]
    assert paths
    for path in paths:
        tab.open(path, WIDE)
        for width in (WIDE, NARROW):
            tab.resize(width)
            tab.check_width(f"{width}px")
            tab.check_axe(f"{width}px")
        tab.check_policy()
    tab.assert_no_problems()


def test_nothing_is_wrong_in_dark_colours(tab: WatchedTab) -> None:
    tab.page.emulate_media(color_scheme="dark")
    for path in ONE_OF_EACH_KIND:
        tab.open(path, WIDE)
        tab.check_axe("dark")
        tab.check_policy()
    tab.assert_no_problems()


def test_every_page_has_a_title_of_its_own(get: Get, every_path: list[str]) -> None:
    paths_by_title = defaultdict(list)
    for path in every_path:
        found = re.search(r"<title>(.*?)</title>", get(path)[1].decode(), re.DOTALL)
        paths_by_title[found[1].strip() if found else ""].append(path)
    assert "" not in paths_by_title
    assert {title: paths for title, paths in paths_by_title.items() if len(paths) > 1} == {}
