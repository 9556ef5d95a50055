"""The watched tab sees what it is there to see, on a page made for it, and nothing on a page without fault."""

from __future__ import annotations

import pytest
from playwright.sync_api import Request, Route

from tests.browser.watched_tab import WatchedTab

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'"
GOOD = """<!doctype html><html lang="ja"><head><meta name="viewport" content="width=device-width, initial-scale=1">
<title>題</title><link rel="icon" href="/icon.svg"></head><body><main><h1>題</h1><p>文</p></main></body></html>"""
ICON = '<svg xmlns="http://www.w3.org/2000/svg"/>'
EVERYTHING_WRONG = {
    "axe image-alt": '<img src="/icon.svg">',
    "CSP: style-src-attr": '<p style="color: red">文</p>',
    "CSP: script-src-elem": "<script>1</script>",
    "console error": "<script>2</script>",
    "another host": '<img alt="絵" src="http://127.0.0.2:9/elsewhere.png">',
    "failed request": '<link rel="stylesheet" href="http://127.0.0.2:9/elsewhere.css">',
    "status": '<img alt="絵" src="/no-such-image.png">',
    "scrolls sideways": f"<pre>{'長' * 400}</pre>",
}


def problems_of(tab: WatchedTab, html: str) -> list[str]:
    def answer(route: Route, request: Request) -> None:
        if request.url.endswith("/made-up/"):
            headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY}
            route.fulfill(body=html, headers=headers)
        else:
            route.fulfill(body=ICON, content_type="image/svg+xml")

    tab.page.route("**/made-up/", answer)
    tab.page.route("**/icon.svg", answer)
    tab.open("/made-up/", width=320)
    tab.check_width("320px")
    tab.check_axe("320px")
    tab.check_policy()
    return tab.problems


def test_nothing_is_found_on_a_page_without_fault_under_a_strict_policy(tab: WatchedTab) -> None:
    assert problems_of(tab, GOOD) == []


@pytest.mark.parametrize(("told", "fault"), EVERYTHING_WRONG.items(), ids=EVERYTHING_WRONG)
def test_every_kind_of_fault_is_found(tab: WatchedTab, told: str, fault: str) -> None:
    problems = problems_of(tab, GOOD.replace("<p>文</p>", f"<p>文</p>{fault}"))
    assert any(told in problem for problem in problems), problems


def test_a_page_that_does_not_answer_as_expected_is_found(tab: WatchedTab) -> None:
    tab.open("/no-such-page-either/", width=320)
    assert any("status: 404" in problem for problem in tab.problems)
