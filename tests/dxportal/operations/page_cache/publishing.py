"""Publishing beside a site that is served, and how soon each of its processes shows it.

python -m tests.dxportal.operations.page_cache.publishing AMOUNT     with DATABASE_URL; prints when it was done
"""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import django

from tests.sites import ROOT, clean_environment

PAGE = "/projects/workation/"
Status = int


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dxportal.settings")
    django.setup()
    from budgets.models import BudgetLine
    from tests.dxportal.changesets.change_sets import publish_edits

    lines = BudgetLine.objects.filter(project__code="workation")
    publish_edits(lambda: lines.update(amount_thousand_yen=int(sys.argv[1])))
    print(time.time())


def publish(url: str, amount: int) -> float:
    """Publish an amount of the project that `PAGE` shows; returns the moment after which it is public."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.dxportal.operations.page_cache.publishing", str(amount)],
        cwd=ROOT,
        env=clean_environment(DATABASE_URL=url),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


def fetch(port: int, path: str, method: str = "GET", **headers: str) -> tuple[Status, dict[str, str], bytes]:
    """Over a connection of its own, so that any process may answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()


def fetch_often(port: int, path: str) -> set[bytes]:
    """The answers of all processes."""
    with ThreadPoolExecutor(8) as pool:
        return {body for _, _, body in pool.map(lambda _: fetch(port, path), range(60))}


def seen_after(port: int, url: str, amount: int) -> float:
    """Publish an amount; how many seconds later a process was last asked that did not show it."""
    words = f"{amount:,}千円".encode()
    assert all(words not in body for body in fetch_often(port, PAGE))
    last_old, new = 0.0, 0
    with ThreadPoolExecutor(1) as pool:
        publishing = pool.submit(publish, url, amount)
        while not publishing.done() or new < 100:
            began = time.time()
            if words in fetch(port, PAGE)[2]:
                new += 1
            else:
                last_old, new = began, 0
            assert not publishing.done() or began < publishing.result() + 30
            time.sleep(0.01)
        return last_old - publishing.result()


if __name__ == "__main__":
    main()
