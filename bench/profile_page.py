"""Profile of a page: `python -m bench.profile_page /path/`."""

from __future__ import annotations

import cProfile
import io
import pstats
import re
import sys
import time

import django

REQUESTS = 10
MAX_FUNCTIONS = 22
# Frames above the view, which tell nothing about the page.
FRAMEWORK = re.compile(
    r"django/(test|core/handlers|utils/deprecation|views/decorators)|middleware|security.py|page_cache/|request_input.py"
)


def main(path: str) -> None:
    django.setup()
    from django.test import Client

    client = Client(HTTP_HOST="127.0.0.1")
    for _ in range(3):
        client.get(path)
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    for _ in range(REQUESTS):
        client.get(path)
    profile.disable()
    for order in ("cumulative", "tottime"):
        out = io.StringIO()
        stats = pstats.Stats(profile, stream=out)
        stats.sort_stats(order).print_stats(MAX_FUNCTIONS * 2)
        print(f"{REQUESTS} times, by {order}, with the profiler's own work:")
        function_lines = [line for line in out.getvalue().splitlines() if re.match(r" +\d+(/\d+)? +\d+\.", line)]
        print("   ncalls  tottime  percall  cumtime  percall filename:lineno(function)")
        for line in [line for line in function_lines if not FRAMEWORK.search(line)][:MAX_FUNCTIONS]:
            print(
                re.sub(
                    r"/\S*/(site-packages|lib/python[\d.]+)/|/\S*/(?=(?:dxportal|budgets|projects|catalog)/)", "", line
                )
            )
        print()


if __name__ == "__main__":
    main(sys.argv[1])
