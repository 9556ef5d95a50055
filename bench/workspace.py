"""Paths of the benchmarks, the environment of their child processes, and commands of manage.py."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BENCH_DIR = ROOT / "bench"
WORK_DIR = ROOT / "var" / "bench"
PORTAL = Path(sys.executable)  # the portal's own Python
BASELINES_BIN = WORK_DIR / "venv" / "bin"  # programs of the alternatives, in their own virtual environment
PLAN_DIR = ROOT / "fixtures" / "yamaguchi-2021"


def run_manage(*arguments: str | Path, **values: str) -> str:
    """Run a command of manage.py and return its output; raise RuntimeError if it fails."""
    done = subprocess.run(
        [PORTAL, "manage.py", *map(str, arguments)],
        cwd=ROOT,
        env=clean_environment(**values),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"manage.py {arguments[0]}: {done.stdout}{done.stderr}")
    return done.stdout


def clean_environment(**values: str) -> dict[str, str]:
    """Return the environment with these values, without variables that would direct the portal to another site."""
    redirecting = {
        *("DATABASE_URL", "SITE_URL", "PORT", "PLAN", "WORKERS"),
        *("PAGE_MEMORY", "STATEMENT_TIMEOUT", "LOCK_TIMEOUT"),
    }
    return {name: value for name, value in os.environ.items() if name not in redirecting} | values
