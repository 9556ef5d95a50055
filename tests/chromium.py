"""The Chromium that browser tests drive, and the arguments it is started with."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# Nothing but the page under test: no updates, no calls home, no graphics card.
ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--no-first-run",
)


def find_executable() -> str | None:
    """Return the system's Chromium, or the one that Playwright has downloaded, or None."""
    system = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if system:
        return system
    with sync_playwright() as playwright:
        downloaded = playwright.chromium.executable_path
    return downloaded if Path(downloaded).exists() else None


def launch_arguments() -> list[str]:
    # Chromium's sandbox refuses to be started by root.
    return [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
