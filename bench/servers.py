"""The portal and its alternatives as servers with one worker, each started as its documentation says."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.processes import Server, run_server
from bench.workspace import BASELINES_BIN, BENCH_DIR, PORTAL, ROOT, WORK_DIR, clean_environment
from dxportal.operations.serving.processes import server_command
from tests.ports import reserve_port

THREADS = "12"  # for Django's views, as in `manage.py serve`
SIZES = (4, 8, 16, 32, 64, 128)  # kilobytes of Wagtail's pages


def granian_command(program: Path, application: str, port: int) -> list[str | Path]:
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    return [program, "-m", "granian", *options, "--blocking-threads", THREADS, "--http", "1", "--no-log", application]


@contextmanager
def run_portal(name: str, database: str, **values: str) -> Iterator[Server]:
    """Run the portal on an existing database, without the preparation that `manage.py serve` does."""
    port = reserve_port()
    command: list[str | Path] = [PORTAL, *server_command(port)[1:]]
    variables = clean_environment(DATABASE_URL=database, PORT=str(port), **values)
    with run_server(name, command, port, "/healthz", WORK_DIR / "portal.log", ROOT, **variables) as server:
        yield server


@contextmanager
def run_nginx(root: Path) -> Iterator[Server]:
    """Run nginx for static files and their compressed copies."""
    port, home = reserve_port(), WORK_DIR / "nginx"
    home.mkdir(exist_ok=True)
    template = (BENCH_DIR / "baselines" / "nginx.conf").read_text()
    (home / "nginx.conf").write_text(template.replace("PORT", str(port)).replace("ROOT", str(root)))
    command: list[str | Path] = ["nginx", "-p", home, "-c", home / "nginx.conf", "-g", "daemon off;"]
    with run_server("nginx", command, port, "/index.html", WORK_DIR / "nginx.log", home) as server:
        yield server


@contextmanager
def run_baseline(name: str, module: str, root: Path) -> Iterator[Server]:
    """Run one of the applications in baselines/ that serve the files of a folder."""
    port = reserve_port()
    command = granian_command(BASELINES_BIN / "python", f"{module}:application", port)
    log = WORK_DIR / f"{module}.log"
    with run_server(name, command, port, "/index.html", log, BENCH_DIR / "baselines", SERVED=str(root)) as server:
        yield server


@contextmanager
def run_wagtail() -> Iterator[Server]:
    """Run the project that `wagtail start` creates, with the home page of Wagtail's tutorial."""
    home, port = ensure_wagtail_site(), reserve_port()
    variables = {"DJANGO_SETTINGS_MODULE": "mysite.settings.production"}
    command = granian_command(BASELINES_BIN / "python", "mysite.wsgi:application", port)
    with run_server("Wagtail", command, port, "/", WORK_DIR / "wagtail.log", home, **variables) as server:
        yield server


def ensure_wagtail_site() -> Path:
    """Return the folder of Wagtail's site, after creating it if it is missing."""
    home = WORK_DIR / "wagtail"
    if not (home / "ready").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        create_wagtail_site(home)
        (home / "ready").touch()
    return home


def create_wagtail_site(home: Path) -> None:
    def run(*command: str | Path) -> None:
        variables = clean_environment(DJANGO_SETTINGS_MODULE="mysite.settings.production")
        done = subprocess.run(command, cwd=home, env=variables, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"Wagtail: {done.stdout}{done.stderr}")

    run(BASELINES_BIN / "wagtail", "start", "mysite", home)
    tutorial = BENCH_DIR / "baselines" / "wagtail"
    shutil.copy(tutorial / "models.py", home / "home" / "models.py")
    shutil.copy(tutorial / "home_page.html", home / "home" / "templates" / "home" / "home_page.html")
    shutil.copy(tutorial / "local.py", home / "mysite" / "settings" / "local.py")
    run(BASELINES_BIN / "python", "manage.py", "makemigrations", "home")
    run(BASELINES_BIN / "python", "manage.py", "migrate", "--verbosity=0")
    run(BASELINES_BIN / "python", "manage.py", "collectstatic", "--noinput", "--verbosity=0")
    run(BASELINES_BIN / "python", tutorial / "fill.py", *map(str, SIZES))


@contextmanager
def run_datasette(rows: list[dict[str, object]]) -> Iterator[Server]:
    """Run Datasette with the rows as a table, at /budgets/lines."""
    file = WORK_DIR / "datasette" / "budgets.db"
    file.parent.mkdir(exist_ok=True)
    table = WORK_DIR / "datasette" / "lines.json"
    table.write_text(json.dumps(rows, ensure_ascii=False))
    subprocess.run([PORTAL, BENCH_DIR / "baselines" / "table.py", table, file], check=True)
    port = reserve_port()
    command: list[str | Path] = [BASELINES_BIN / "datasette", "serve", file, "--host", "127.0.0.1", "--port", str(port)]
    with run_server("Datasette", command, port, "/budgets/lines", WORK_DIR / "datasette.log", ROOT) as server:
        yield server


def write_static_files(page: bytes) -> Path:
    """Write the page as a file and a gzip copy, compressed as the portal does; return their folder."""
    root = WORK_DIR / "static"
    root.mkdir(parents=True, exist_ok=True)
    (root / "index.html").write_bytes(page)
    (root / "index.html.gz").write_bytes(gzip.compress(page, 6, mtime=0))
    for file in root.iterdir():
        file.chmod(0o644)
    return root
