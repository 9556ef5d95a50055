"""The tests, part by part, as `make test` runs them after the static checks.

Every part runs even when an earlier one failed, so that one run tells all. A part whose programs are missing does not
run; the last lines say so and how to get them. That is no failure for an engineer at work, and one where CI=true:
there nobody would read the lines.

    python -m tests.everything                      # all parts
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
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from shutil import which

from tests import chromium, libreoffice, postgres

PYTEST = (sys.executable, "-m", "pytest")
# Files of tests are shared out among the cores; each worker has a database of its own.
ON_ALL_CORES = (*PYTEST, "-n", "auto", "--dist", "loadfile")


@contextmanager
def sqlite() -> Iterator[str]:
    """The database that settings choose when nothing is asked for."""
    yield ""


@dataclass(frozen=True)
class Need:
    name: str
    is_there: Callable[[], bool]


@dataclass(frozen=True)
class Part:
    name: str
    what: str
    command: tuple[str, ...]
    needs: tuple[Need, ...] = ()
    database: Callable[[], AbstractContextManager[str]] = sqlite


POSTGRESQL = Need("PostgreSQL", lambda: postgres.binaries() is not None)
CHROMIUM = Need("Chromium", lambda: chromium.executable() is not None)
JAVA = Need("Java", lambda: which("java") is not None)
NPM = Need("npm", lambda: which("npm") is not None)
LIBREOFFICE = Need("LibreOffice", lambda: libreoffice.executable() is not None)

# Plain `pytest` leaves the folders that need a program out: see norecursedirs in pyproject.toml.
WITH_CLUSTER = ("-o", "norecursedirs=.* node_modules browser html office")
PARTS = (
    Part("sqlite", "SQLite での試験", ON_ALL_CORES),
    Part("postgresql", "PostgreSQL での試験", (*ON_ALL_CORES, *WITH_CLUSTER), (POSTGRESQL,), postgres.cluster),
    Part("browser", "ブラウザーでの試験", (*PYTEST, "tests/browser"), (CHROMIUM, LIBREOFFICE)),
    Part("html", "HTML の検査", (*PYTEST, "tests/html"), (JAVA, NPM)),
    Part("office", "表計算での試験", (*PYTEST, "tests/office"), (LIBREOFFICE,)),
)


def run(parts: Iterable[Part], ci: bool) -> int:
    """Run the parts; returns the exit code."""
    results, missing = [], []
    for part in parts:
        lacking = "、".join(need.name for need in part.needs if not need.is_there())
        if lacking:
            missing.append(f"「{part.what}」は動かしていません（{lacking} がありません）。")
            continue
        print(f"\n■ {part.what}", flush=True)
        began = time.monotonic()
        passed = succeeds(part)
        results.append((part, passed, time.monotonic() - began))
    print()
    for part, passed, seconds in results:
        print(f"{'合格' if passed else '不合格'}  {part.what}（{seconds:.0f}秒）")
    for sentence in missing:
        print(sentence)
    if missing:
        print("足りないものは make system-packages で入ります。")
    sys.stdout.flush()
    return 1 if not all(passed for _, passed, _ in results) or (ci and missing) else 0


def succeeds(part: Part) -> bool:
    try:
        with part.database() as url:
            environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
            if url:
                environment["DATABASE_URL"] = url
            return subprocess.run(part.command, env=environment).returncode == 0
    except (OSError, RuntimeError) as error:
        print(error, flush=True)
        return False


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.everything", description="試験を部ごとに動かします。")
    parser.add_argument("parts", nargs="*", metavar="部", help="、".join(part.name for part in PARTS))
    wanted = parser.parse_args().parts
    for name in wanted:
        if name not in {part.name for part in PARTS}:
            parser.error(f"「{name}」という部はありません。")
    # What a part has started is stopped on the way out, also when something asks this process to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    return run([part for part in PARTS if not wanted or part.name in wanted], ci=os.environ.get("CI") == "true")


if __name__ == "__main__":
    sys.exit(main())
