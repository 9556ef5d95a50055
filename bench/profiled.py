"""Where the time of a page goes: `python -m bench.profiled /path/`."""

from __future__ import annotations

import cProfile
import io
import pstats
import re
import sys

import django

TIMES = 20
FUNCTIONS = 28


def main(path: str) -> None:
    django.setup()
    from django.test import Client

    client = Client(HTTP_HOST="127.0.0.1")
    for _ in range(3):
        client.get(path)
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(TIMES):
        client.get(path)
    profile.disable()
    out = io.StringIO()
    stats = pstats.Stats(profile, stream=out)
    stats.sort_stats("cumulative").print_stats(FUNCTIONS)
    print(f"{TIMES} times, {1000 * stats.total_tt / TIMES:.1f} ms each, the profiler's own work included.")
    for line in out.getvalue().splitlines():
        if re.match(r" +\d|   ncalls", line):
            print(re.sub(r"/\S*/(site-packages|lib/python[\d.]+)/|/\S*/(?=dxportal/|budgets/)", "", line))


if __name__ == "__main__":
    main(sys.argv[1])
