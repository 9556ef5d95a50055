"""The portal beside what people would otherwise pick, measured in one run.

    make bench                       # everything
    make bench GROUPS="pages cold"   # these groups

Databases are made once, in three or four minutes (bench/preparation.py); measuring takes five or six. The exit code is
1 if a ratio is beyond its bound (bench/bounds.py), so that the run can gate a release.
"""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
import time

from bench import preparation, report
from bench.workspace import run_manage

GROUPS = ("pages", "cold", "exports", "growth", "search", "writes")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("groups", nargs="*", metavar="group", help="、".join(GROUPS))
    groups = parser.parse_args().groups
    for name in groups:
        if name not in GROUPS:
            parser.error(f"「{name}」という組はありません（{'、'.join(GROUPS)}）。")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # SystemExit runs the clean-up that stops child processes
    began, all_results = time.monotonic(), []
    run_manage("collectstatic", "--noinput", "--verbosity=0")  # what every page names
    preparation.prepare(groups or GROUPS)
    prepared = time.monotonic()
    for name in groups or GROUPS:
        results = importlib.import_module(f"bench.{name}").measure()
        print(report.format_table(results), flush=True)
        all_results.append(results)
    report.write_report(all_results)
    missed_bounds = [
        f"{results.group}: {ratio.name}" for results in all_results for ratio in results.ratios if not ratio.holds
    ]
    print(
        f"\n用意に{prepared - began:.0f}秒、測定に{time.monotonic() - prepared:.0f}秒。"
        "docs/benchmarks.md に書きました。"
    )
    if missed_bounds:
        print(f"目標に届かないもの {len(missed_bounds)}件：{'、'.join(missed_bounds)}")
    return 1 if missed_bounds else 0


if __name__ == "__main__":
    sys.exit(main())
