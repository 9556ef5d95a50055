"""The tests, part by part, as `make test` runs them after the static checks.

Every part runs even when an earlier one failed, so that one run tells all. Parts that keep one core busy run two at a
time after those that keep all cores busy, and what they print comes when they end. A part whose programs are missing
does not run; the last lines say so and how to get them. That is no failure for an engineer at work, and one where
CI=true: there nobody would read the lines.

    python -m tests.everything                      # all parts of `make test`
    python -m tests.everything postgresql browser   # these
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from shutil import which
from tempfile import TemporaryFile
from typing import IO

from tests import chromium, libreoffice, postgres

PYTEST = (sys.executable, "-m", "pytest")
# Files of tests are shared out among the cores; each worker has a database of its own.
ON_ALL_CORES = (*PYTEST, "-n", "auto", "--dist", "loadfile")
COVERAGE = ("--cov", "--cov-report=")  # the figure alone; `.venv/bin/coverage report -m` tells the lines
# A browser waits for pictures to be drawn more than it computes.
IN_TWO_BROWSERS = (*PYTEST, "-n", "2", "--dist")


@contextmanager
def default_database() -> Iterator[str]:
    """Yield no URL: the settings choose their default database."""
    yield ""


@dataclass(frozen=True)
class Need:
    name: str
    is_there: Callable[[], bool]


@dataclass(frozen=True)
class Part:
    name: str
    title: str
    command: tuple[str, ...]
    needs: tuple[Need, ...] = ()
    on_one_core: bool = False
    profile: str = "test"  # of Hypothesis, tests/examples.py
    database: Callable[[], AbstractContextManager[str]] = default_database


Result = tuple[Part, bool, float]  # whether it passed, and its seconds

POSTGRESQL = Need("PostgreSQL", lambda: postgres.find_binaries() is not None)
CHROMIUM = Need("Chromium", lambda: chromium.find_executable() is not None)
JAVA = Need("Java", lambda: which("java") is not None)
NPM = Need("npm", lambda: which("npm") is not None)
NGINX = Need("nginx", lambda: which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is not None)
LIBREOFFICE = Need("LibreOffice", lambda: libreoffice.find_executable() is not None)

# Plain `pytest` leaves the folders that need a program out, and what is `long`: see pyproject.toml.
WITH_CLUSTER = ("-o", "norecursedirs=.* node_modules browser deploy html office")
# Hypothesis marks the tests whose cases it generates.
LONG = "(long or hypothesis) and not alone"
EVERY_PAGE = "tests/browser/test_every_page.py"
PARTS = (
    Part("sqlite", "SQLite での試験", ON_ALL_CORES),
    Part(
        "postgresql",
        "PostgreSQL での試験",
        (*ON_ALL_CORES, *WITH_CLUSTER, "-m", "not on_no_database and not long"),
        (POSTGRESQL,),
        profile="dev",  # rules are those that many cases have tested on SQLite
        database=postgres.run_cluster,
    ),
    Part(
        "browser",
        "ブラウザーでの試験",
        (*IN_TWO_BROWSERS, "loadfile", f"--ignore={EVERY_PAGE}", "tests/browser"),
        (CHROMIUM, LIBREOFFICE),
        True,
    ),
    Part("pages", "全ページのブラウザーでの検査", (*IN_TWO_BROWSERS, "worksteal", EVERY_PAGE), (CHROMIUM,), True),
    Part("html", "HTML の検査", (*PYTEST, "tests/html"), (JAVA, NPM), True),
    Part("deploy", "nginx の後ろでの試験", (*PYTEST, "tests/deploy"), (NGINX,), True),
    Part("office", "表計算での試験", (*PYTEST, "tests/office"), (LIBREOFFICE,), True),
)
# Run by name alone.
OTHERS = (
    Part("fast", "短い試験", (*ON_ALL_CORES, "-m", "not long and not slow"), profile="dev"),
    Part("long", "SQLite での長い試験", (*ON_ALL_CORES, "-m", LONG), profile="ci"),
    Part(
        "long-postgresql",
        "PostgreSQL での長い試験",
        (*ON_ALL_CORES, *WITH_CLUSTER, "-m", f"{LONG} and not on_no_database"),
        (POSTGRESQL,),
        profile="ci",
        database=postgres.run_cluster,
    ),
    Part("alone", "時間を比べる試験", (*PYTEST, "-m", "alone")),
    Part("coverage", "試験が通る行と分岐", (*ON_ALL_CORES, "-m", "not long", *COVERAGE), profile="dev"),
)


def run_parts(parts: Iterable[Part], ci: bool) -> int:
    """Run the parts and return the exit code."""
    able, missing = [], []
    for part in parts:
        lacking = "、".join(need.name for need in part.needs if not need.is_there())
        if lacking:
            missing.append(f"「{part.title}」は動かしていません（{lacking} がありません）。")
        else:
            able.append(part)
    results = [run_part(part) for part in able if not part.on_one_core]
    results += run_two_at_a_time([part for part in able if part.on_one_core])
    print()
    for part, passed, seconds in results:
        print(f"{'合格' if passed else '不合格'}  {part.title}（{seconds:.0f}秒）")
    for sentence in missing:
        print(sentence)
    if missing:
        print("足りないものは make system-packages で入ります。")
    sys.stdout.flush()
    return 1 if not all(passed for _, passed, _ in results) or (ci and missing) else 0


def run_part(part: Part) -> Result:
    print(f"\n■ {part.title}", flush=True)
    began = time.monotonic()
    try:
        with part.database() as url, start_part(part, url) as process:
            passed = process.wait() == 0
    except (OSError, RuntimeError) as error:
        print(error, flush=True)
        passed = False
    return part, passed, time.monotonic() - began


def run_two_at_a_time(parts: list[Part]) -> list[Result]:
    """Run parts on the default database, two at a time; return the results in the order in which they ended."""
    results: list[Result] = []
    waiting = list(parts)
    running: dict[Part, tuple[subprocess.Popen[bytes], IO[bytes], float]] = {}
    with ExitStack() as stack:
        while waiting or running:
            while waiting and len(running) < 2:
                part = waiting.pop(0)
                print(f"\n■ {part.title}（終わってから表示します）", flush=True)
                file = stack.enter_context(TemporaryFile())
                running[part] = stack.enter_context(start_part(part, "", file)), file, time.monotonic()
            for part, (process, output, began) in list(running.items()):
                if process.poll() is not None:
                    output.seek(0)
                    print(f"\n■ {part.title}\n{output.read().decode(errors='replace')}", flush=True)
                    results.append((part, process.returncode == 0, time.monotonic() - began))
                    del running[part]
            time.sleep(0.1)
    return results


@contextmanager
def start_part(part: Part, url: str, to: IO[bytes] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Start a part and yield its process; interrupt it if the block is left early, so that it can clean up."""
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment["HYPOTHESIS_PROFILE"] = part.profile
    if url:
        environment["DATABASE_URL"] = url
    with subprocess.Popen(part.command, env=environment, stdout=to, stderr=to and subprocess.STDOUT) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait()  # on an interrupt `with` waits a quarter of a second only


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.everything", description="試験を部ごとに動かします。")
    parser.add_argument("parts", nargs="*", metavar="部", help="、".join(part.name for part in (*PARTS, *OTHERS)))
    names = parser.parse_args().parts
    for name in names:
        if name not in {part.name for part in (*PARTS, *OTHERS)}:
            parser.error(f"「{name}」という部はありません。")
    # A shell lets what it begins in the background ignore interrupts; so would the parts, which are stopped by them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # SystemExit runs the clean-up that stops the parts' processes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parts = [part for part in (*PARTS, *OTHERS) if part.name in names] if names else PARTS
    return run_parts(parts, ci=os.environ.get("CI") == "true")


if __name__ == "__main__":
    sys.exit(main())
