"""Sites for tests: a copy of the committed files, served by a real process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
START_TIMEOUT = 120  # migrating and loading the plan on a machine that is busy with something else


def copy_checkout(to: Path) -> Path:
    """Copy the files that a site runs, committed or about to be, without data of earlier runs."""
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    for name in filter(None, files):
        if (ROOT / name).exists() and not name.startswith(("bench/", "tests/")):
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    return to


def prepare_checkout(to: Path) -> Path:
    """Copy the checkout and prepare it for `serve --no-prepare`: load the plan, collect static files."""
    checkout = copy_checkout(to)
    subprocess.run([sys.executable, "manage.py", "prepare"], cwd=checkout, env=clean_environment(), check=True)
    return checkout


def clean_environment(**values: str) -> dict[str, str]:
    """Return the environment with these values, without variables that would direct the site elsewhere."""
    redirecting = {
        *("DATABASE_URL", "EMAIL_HOST", "PLAN", "PORT", "SITE_URL"),
        *("LOCK_TIMEOUT", "PAGE_MEMORY", "STATEMENT_TIMEOUT", "WORKERS"),
    }
    inherited = {key: value for key, value in os.environ.items() if key not in redirecting}
    return {**inherited, **values}


@contextmanager
def run_site(checkout: Path, port: int, *arguments: str, **values: str) -> Iterator[list[str]]:
    """Run `manage.py serve` until the block ends; yield the lines it printed before it answered."""
    log = checkout / "serve.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", *arguments],
            cwd=checkout,
            env=clean_environment(PORT=str(port), **values),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + START_TIMEOUT
        while not is_up(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, f"no answer in {START_TIMEOUT} s: {log.read_text()}"
            time.sleep(0.1)
        yield log.read_text().splitlines()
    finally:
        process.terminate()
        process.wait(timeout=20)


def is_up(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
