"""Pages at 400 % zoom, on paper and in forced colours."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from playwright.sync_api import Page, expect

from tests.browser.watched_tab import WatchedTab
from tests.page_paths import ONE_OF_EACH_KIND

A4_POINTS = (595, 842)
A4_WIDTH = 718  # CSS pixels between margins of 1 cm


def look_at_every_kind(tab: WatchedTab, label: str, width: int, height: int) -> None:
    for path in ONE_OF_EACH_KIND:
        tab.open(path, width, height)
        expect(tab.page.locator("h1")).to_be_visible()
        tab.check_width(label)
    tab.assert_no_problems()


def test_at_400_percent(tab: WatchedTab) -> None:
    """A window of 1280 × 1024 at 400 % is one of 320 × 256: the standard's measure of reflow."""
    look_at_every_kind(tab, "400 %", 320, 256)


@pytest.mark.parametrize("width", [1280, 320])
def test_in_forced_colours(tab: WatchedTab, width: int) -> None:
    tab.page.emulate_media(forced_colors="active")
    look_at_every_kind(tab, f"forced colours, {width}px", width, 900)


def test_on_paper(tab: WatchedTab) -> None:
    tab.page.emulate_media(media="print")
    look_at_every_kind(tab, "print", A4_WIDTH, 1000)


def test_a_sakigake_project_fills_sheets_of_a4(page: Page) -> None:
    page.goto("/sakigake/4/")
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) > 1
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert boxes
    for box in boxes:
        assert [float(side) for side in box] == pytest.approx(A4_POINTS, abs=1)  # Chromium rounds up


# Links and controls; everything else is content.
CONTROLS = "form, button, nav, summary, .pager, .files, .facets, .edit-this, .control, .conditions a"
# Texts of the main part that are drawn, by their order; of a closed element nothing is.
TEXTS = """
(controls) => {
  const texts = [], walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement, range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const isDrawn = range.getClientRects().length > 0 && parent.checkVisibility({visibilityProperty: true});
    const text = walker.currentNode.data.trim();
    if (text && isDrawn && !parent.closest(controls)) texts.push(text);
  }
  return texts;
}
"""


def test_paper_keeps_what_the_screen_shows(tab: WatchedTab) -> None:
    for path in (*ONE_OF_EACH_KIND, "/sources/", "/areas/", "/pillars/", "/sakigake/", "/projects/", "/departments/"):
        tab.page.emulate_media(media="screen")
        tab.open(path, A4_WIDTH, 1000)
        shown = Counter(tab.page.evaluate(TEXTS, CONTROLS))
        tab.page.emulate_media(media="print")
        lost = shown - Counter(tab.page.evaluate(TEXTS, CONTROLS))
        assert shown, path
        if lost:
            tab.note("not on paper", "、".join(list(lost)[:5]))
    tab.assert_no_problems()
