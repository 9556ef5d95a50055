"""The portal and what it is measured against, each as its own documentation starts it, with one worker."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.places import ANCHORS, BENCH, KEPT, PORTAL, ROOT, environment
from bench.processes import Server, started
from dxportal.operations.serving.processes import server_command
from tests.ports import reserve_port

THREADS = "12"  # those in which Django answers, as `manage.py serve` has them
SIZES = (4, 8, 16, 32, 64, 128)  # kilobytes of Wagtail's pages


def granian(program: Path, application: str, port: int) -> list[str | Path]:
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    return [program, "-m", "granian", *options, "--blocking-threads", THREADS, "--http", "1", "--no-log", application]


@contextmanager
def portal(name: str, database: str, **values: str) -> Iterator[Server]:
    """The portal on a database that is there, without what `manage.py serve` does before it serves."""
    port = reserve_port()
    command: list[str | Path] = [PORTAL, *server_command(port)[1:]]
    facts = environment(DATABASE_URL=database, PORT=str(port), **values)
    with started(name, command, port, "/healthz", KEPT / "portal.log", ROOT, **facts) as server:
        yield server


@contextmanager
def nginx(root: Path) -> Iterator[Server]:
    """Static files with their compressed twins beside them."""
    port, home = reserve_port(), KEPT / "nginx"
    home.mkdir(exist_ok=True)
    template = (BENCH / "anchors" / "nginx.conf").read_text()
    (home / "nginx.conf").write_text(template.replace("PORT", str(port)).replace("ROOT", str(root)))
    command: list[str | Path] = ["nginx", "-p", home, "-c", home / "nginx.conf", "-g", "daemon off;"]
    with started("nginx", command, port, "/index.html", KEPT / "nginx.log", home) as server:
        yield server


@contextmanager
def from_folder(name: str, module: str, root: Path) -> Iterator[Server]:
    """One of the small applications in anchors/ that serve the files of a folder."""
    port = reserve_port()
    command = granian(ANCHORS / "python", f"{module}:application", port)
    log = KEPT / f"{module}.log"
    with started(name, command, port, "/index.html", log, BENCH / "anchors", SERVED=str(root)) as server:
        yield server


@contextmanager
def wagtail() -> Iterator[Server]:
    """The project that `wagtail start` makes, with the body that its tutorial gives to the home page."""
    home, port = site_of_wagtail(), reserve_port()
    facts = {"DJANGO_SETTINGS_MODULE": "mysite.settings.production"}
    command = granian(ANCHORS / "python", "mysite.wsgi:application", port)
    with started("Wagtail", command, port, "/", KEPT / "wagtail.log", home, **facts) as server:
        yield server


def site_of_wagtail() -> Path:
    """Its folder; made where it is not there."""
    home = KEPT / "wagtail"
    if not (home / "ready").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        make_wagtail(home)
        (home / "ready").touch()
    return home


def make_wagtail(home: Path) -> None:
    def run(*command: str | Path) -> None:
        facts = environment(DJANGO_SETTINGS_MODULE="mysite.settings.production")
        done = subprocess.run(command, cwd=home, env=facts, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"Wagtail: {done.stdout}{done.stderr}")

    run(ANCHORS / "wagtail", "start", "mysite", home)
    tutorial = BENCH / "anchors" / "wagtail"
    shutil.copy(tutorial / "models.py", home / "home" / "models.py")
    shutil.copy(tutorial / "home_page.html", home / "home" / "templates" / "home" / "home_page.html")
    shutil.copy(tutorial / "local.py", home / "mysite" / "settings" / "local.py")
    run(ANCHORS / "python", "manage.py", "makemigrations", "home")
    run(ANCHORS / "python", "manage.py", "migrate", "--verbosity=0")
    run(ANCHORS / "python", "manage.py", "collectstatic", "--noinput", "--verbosity=0")
    run(ANCHORS / "python", tutorial / "fill.py", *map(str, SIZES))


@contextmanager
def datasette(rows: list[dict[str, object]]) -> Iterator[Server]:
    """Rows as a table of Datasette; its address is /budgets/lines."""
    file = KEPT / "datasette" / "budgets.db"
    file.parent.mkdir(exist_ok=True)
    table = KEPT / "datasette" / "lines.json"
    table.write_text(json.dumps(rows, ensure_ascii=False))
    subprocess.run([PORTAL, BENCH / "anchors" / "table.py", table, file], check=True)
    port = reserve_port()
    command: list[str | Path] = [ANCHORS / "datasette", "serve", file, "--host", "127.0.0.1", "--port", str(port)]
    with started("Datasette", command, port, "/budgets/lines", KEPT / "datasette.log", ROOT) as server:
        yield server


def static_files(page: bytes) -> Path:
    """A folder with the page as a file, and compressed beside it as the portal compresses it."""
    root = KEPT / "static"
    root.mkdir(parents=True, exist_ok=True)
    (root / "index.html").write_bytes(page)
    (root / "index.html.gz").write_bytes(gzip.compress(page, 6, mtime=0))
    for file in root.iterdir():
        file.chmod(0o644)
    return root
