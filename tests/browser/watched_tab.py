"""A tab that notes every problem of the pages it opens: scripts, console, requests, width, accessibility."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Page, Request, Response

from tests.page_paths import NOT_FOUND

HEIGHT = 900
PICTURES = ("image", "other")  # the icon of a page counts as other
MOST_TARGETS = 4  # of one rule on one page: more of the same help nobody

# The browser reports violations by an event, also those that leave no message in the console.
NOTE_CSP_VIOLATIONS = """
window.violationsOfThePolicy = [];
document.addEventListener("securitypolicyviolation", (event) => window.violationsOfThePolicy.push(
  `${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`));
"""
# Rules, nothing else: no details of what passed, no files fetched a second time.
RUN_AXE = """
() => axe.run({resultTypes: ["violations"], preload: false}).then((results) => results.violations.map(
  (rule) => ({id: rule.id, help: rule.help, targets: rule.nodes.map((node) => node.target.join(" "))})))
"""
MEASURE_WIDTHS = "() => [document.scrollingElement.scrollWidth, document.scrollingElement.clientWidth]"
FIND_OVERFLOWING = """
() => [...document.body.querySelectorAll("*")]
  .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
  .slice(0, 3).map((element) => element.tagName.toLowerCase() + (element.className ? "." + element.className : ""))
"""


class WatchedTab:
    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = site
        self.path = ""
        self.expected_status = 200
        self.problems: list[str] = []
        page.add_init_script(NOTE_CSP_VIOLATIONS)
        page.on("console", self.note_console_message)
        page.on("pageerror", lambda error: self.note("script", str(error)))
        page.on("request", self.note_foreign_request)
        page.on("requestfailed", self.note_failed_request)
        page.on("response", self.note_status)

    def note_failed_request(self, request: Request) -> None:
        """Note a request without a response, but for a picture that the browser gives up because the page was left.

        A server that does not answer, or a policy that refuses, has another word for it than ABORTED.
        """
        if not (request.failure == "net::ERR_ABORTED" and request.resource_type in PICTURES):
            self.note("failed request", f"{request.url} {request.failure}")

    def note(self, kind: str, what: str) -> None:
        self.problems.append(f"{self.path}  {kind}: {what}")

    def note_console_message(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        # The browser complains of the very page that is meant to be refused.
        if self.expected_status >= 400 and message.location["url"] == f"{self.site}{self.path}":
            return
        self.note(f"console {message.type}", f"{message.text} ({message.location['url']})")

    def note_foreign_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.site}/", "data:")):
            self.note("another host", request.url)

    def note_status(self, response: Response) -> None:
        expected = self.expected_status if response.url == f"{self.site}{self.path}" else 200
        if response.status != expected and not 300 <= response.status < 400:
            self.note("status", f"{response.status} {response.url}")

    def open(self, path: str, width: int, height: int = HEIGHT) -> None:
        self.path, self.expected_status = path, 404 if path == NOT_FOUND else 200
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.goto(f"{self.site}{path}", wait_until="load")

    def resize(self, width: int, height: int = HEIGHT) -> None:
        """Resize the window and wait until the page's scripts have reacted, which happens with the next frame."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def check_width(self, label: str) -> None:
        wide, shown = self.page.evaluate(MEASURE_WIDTHS)
        if wide > shown:
            what = ", ".join(self.page.evaluate(FIND_OVERFLOWING))
            self.note(label, f"scrolls sideways: {wide} > {shown} px ({what})")

    def check_axe(self, label: str) -> None:
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        rules: list[dict[str, Any]] = self.page.evaluate(RUN_AXE)
        for rule in rules:
            targets = rule["targets"]
            more = f" and {len(targets) - MOST_TARGETS} more" if len(targets) > MOST_TARGETS else ""
            self.note(label, f"axe {rule['id']}: {rule['help']}: {' | '.join(targets[:MOST_TARGETS])}{more}")

    def check_policy(self) -> None:
        for violation in self.page.evaluate("() => window.violationsOfThePolicy"):
            self.note("CSP", violation)

    def assert_no_problems(self) -> None:
        """Fail with a list of all problems."""
        problems = list(dict.fromkeys(self.problems))
        if problems:
            pytest.fail("\n".join([f"{len(problems)} problems:", *problems]), pytrace=False)
