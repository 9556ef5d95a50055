"""From the home page to what people come for, within three activations: by keyboard alone, and without JavaScript."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.page_paths import NOT_FOUND

# The path that each link leads to, one activation each, and words on the last page.
WAYS = {
    "what is done for 子育て": (("/domains/3-1/", "/goals/3-1-1/"), ("子育て", "円")),
    "a Sakigake project": (("/sakigake/4/",), ("円",)),
    "everything on page 11": (("/sources/", "/sources/2/11/"), ("11",)),
}
MOST_STOPS = 300
FOCUSED = """
() => {
  const element = document.activeElement, style = getComputedStyle(element), box = element.getBoundingClientRect();
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  return {
    nowhere: element === document.body,
    path: element.pathname ?? "",
    hash: element.hash ?? "",
    text: element.textContent.trim(),
    inMain: element.closest("main") !== null,
    shown: outlined && box.width > 0 && box.right > 0 && box.bottom > 0 && box.top < innerHeight,
    html: element.outerHTML.slice(0, 200),
  };
}
"""

every_way = pytest.mark.parametrize(("steps", "words"), WAYS.values(), ids=WAYS)


def press_tab(page: Page) -> dict[str, str]:
    """Move the focus on; wherever it goes, it must be seen."""
    page.keyboard.press("Tab")
    stop: dict[str, str] = page.evaluate(FOCUSED)
    assert stop["nowhere"] or stop["shown"], f"the focus cannot be seen: {stop['html']}"
    return stop


def tab_to(page: Page, path: str) -> None:
    for _ in range(MOST_STOPS):
        stop = press_tab(page)
        assert not stop["nowhere"], f"Tab leaves {page.url} without a link to {path}"
        if stop["path"] == path and not stop["hash"]:
            return
    pytest.fail(f"no link to {path} within {MOST_STOPS} stops on {page.url}")


def arrived(page: Page, path: str) -> None:
    page.wait_for_url(lambda url: urlsplit(url).path == path)
    expect(page.locator("h1")).to_be_visible()


@every_way
def test_by_keyboard_alone(page: Page, steps: tuple[str, ...], words: tuple[str, ...]) -> None:
    page.goto("/")
    assert len(steps) <= 3
    for path in steps:
        tab_to(page, path)
        page.keyboard.press("Enter")
        arrived(page, path)
    for word in words:
        expect(page.locator("main")).to_contain_text(word)


@every_way
@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_javascript(page: Page, steps: tuple[str, ...], words: tuple[str, ...]) -> None:
    page.goto("/")
    for path in steps:
        link = page.locator(f'a[href="{path}"], a[href^="{path}?"]').locator("visible=true").first
        link.click()
        arrived(page, path)
    for word in words:
        expect(page.locator("main")).to_contain_text(word)


@pytest.mark.parametrize("path", ["/", "/goals/3-1-1/", "/sources/2/11/", NOT_FOUND])
def test_the_first_stop_leads_past_the_navigation(page: Page, path: str) -> None:
    page.goto(path)
    first = press_tab(page)
    assert (first["text"], first["hash"]) == ("本文へ", "#main")
    page.keyboard.press("Enter")
    assert page.evaluate("() => location.hash") == "#main"
    assert press_tab(page)["inMain"]


@pytest.mark.parametrize("path", ["/", "/goals/3-1-1/", "/projects/", "/admin/login/"])
def test_every_stop_of_the_keyboard_can_be_seen(page: Page, path: str) -> None:
    page.goto(path)
    stops = 0
    while not press_tab(page)["nowhere"] and stops < MOST_STOPS:
        stops += 1
    assert stops >= 2
