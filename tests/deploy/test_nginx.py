"""The site behind nginx, as deploy/nginx.conf has it: slow clients hold nobody, and nginx sends finished files."""

from __future__ import annotations

import gzip
import http.client
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.dxportal.operations.serving.clients import connect, open_clients, read_status, request_status
from tests.ports import reserve_port
from tests.sites import ROOT, copy_checkout, run_site

A_MOMENT = 2.0  # seconds, on a machine that is busy with something else
STRANGER = "127.0.0.2"  # the address from which slow clients come; everybody else is at 127.0.0.1


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """The ports of nginx and of the site behind it."""
    checkout = copy_checkout(tmp_path_factory.mktemp("behind-nginx"))
    port, behind, home = reserve_port(), reserve_port(), tmp_path_factory.mktemp("nginx")
    (home / "nginx.conf").write_text(configuration(port, behind, checkout))
    values = {"SITE_URL": "https://portal.example", "SENT_BY_NGINX": "/finished/", "ALLOWED_HOSTS": "127.0.0.1"}
    with run_site(checkout, behind, **values):
        command = ["nginx", "-p", str(home), "-c", str(home / "nginx.conf"), "-g", "daemon off;"]
        with subprocess.Popen(command) as nginx:
            give_up = time.monotonic() + 60
            while not list((checkout / "var" / "files").glob("*-*/headers.json")):
                assert time.monotonic() < give_up
                time.sleep(0.1)
            time.sleep(1)  # until the worker has seen them
            yield port, behind
            nginx.terminate()


def configuration(port: int, behind: int, checkout: Path) -> str:
    """deploy/nginx.conf with what a site has to edit, inside what the host's nginx.conf says."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    lines = [line for line in text.splitlines() if not line.strip().startswith("ssl_certificate")]
    text = "\n".join(lines)
    for of_the_site, here in {
        r"server 127\.0\.0\.1:8000;": f"server 127.0.0.1:{behind};",
        r"listen 443 ssl;": f"listen 127.0.0.1:{port};",
        r"/srv/dxportal/var/files/": f"{checkout}/var/files/",
    }.items():
        text, count = re.subn(of_the_site, here, text)
        assert count == 1, of_the_site
    paths = "".join(f"{name}_temp_path temp;\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;\n" if Path.home() == Path("/root") else ""
    limits = "worker_rlimit_nofile 20000;\nevents { worker_connections 8192; }\n"
    return f"{user}pid nginx.pid;\n{limits}http {{\naccess_log off;\nerror_log error.log;\n{paths}{text}\n}}\n"


def answer(port: int, path: str, *headers: tuple[str, str]) -> tuple[dict[str, str], bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as client:
        client.request("GET", path, headers=dict(headers))
        response = client.getresponse()
        of_answer = {name.lower(): value for name, value in response.getheaders()}
        return of_answer | {"status": str(response.status)}, response.read()


def everybody_else_is_answered(port: int) -> None:
    for path in ("/healthz", "/readyz", "/", "/plan/", "/budgets.csv", "/budgets.xlsx?year=2021", "/admin/login/"):
        began = time.monotonic()
        assert request_status(port, path) == 200, path
        assert time.monotonic() - began < A_MOMENT, path


def test_finished_files_are_sent_by_nginx_as_the_site_sends_them(site: tuple[int, int]) -> None:
    port, behind = site
    there = ("X-Forwarded-Proto", "https")
    for encoding in ("identity", "gzip"):
        asked = ("Accept-Encoding", encoding)
        named, empty = answer(behind, "/budgets.csv", there, asked)
        assert (named["x-accel-redirect"].split("/")[1], empty) == ("finished", b"")
        headers, body = answer(port, "/budgets.csv", asked)
        plain = gzip.decompress(body) if encoding == "gzip" else body
        assert plain.startswith("\ufeff年度,".encode())
        for name in ("etag", "vary", "cache-control", "content-type", "content-disposition", "content-security-policy"):
            assert headers[name] == named[name], name
        assert headers.get("content-encoding", "identity") == encoding
        assert "x-accel-redirect" not in headers
    etag = ("If-None-Match", headers["etag"])
    assert answer(port, "/budgets.csv", ("Accept-Encoding", "gzip"), etag)[0]["status"] == "304"
    assert request_status(port, f"/finished/{named['x-accel-redirect'].rpartition('/finished/')[2]}") == 404


def test_200_slow_bodies_200_slow_readers_and_1000_silent_connections_hold_nobody(site: tuple[int, int]) -> None:
    port, _ = site
    with ExitStack() as stack:
        body = ("POST", "/admin/login/", "Cookie: csrftoken=x", "Content-Length: 1000")
        bodies = stack.enter_context(open_clients(port, 200, *body, body=b"username=", source=STRANGER))
        stack.enter_context(open_clients(port, 100, "GET", "/budgets.xlsx", source=STRANGER))
        stack.enter_context(open_clients(port, 100, "GET", "/budgets.json?year=2021", source=STRANGER))
        for _ in range(1000):
            stack.enter_context(connect(port, STRANGER))
        everybody_else_is_answered(port)
        time.sleep(6)
        assert {read_status(client) for client in bodies} <= {0, 408, 503}
        everybody_else_is_answered(port)


@pytest.mark.parametrize(("path", "size"), [("/", 2), ("/admin/login/", 65_537), ("/admin/sheets/", 9_000_000)])
def test_a_body_that_is_too_large_is_refused_unread(site: tuple[int, int], path: str, size: int) -> None:
    assert request_status(site[0], path, "POST", f"Content-Length: {size}") == 413


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_public_addresses_only_read(site: tuple[int, int], method: str) -> None:
    assert request_status(site[0], "/plan/", method, "Content-Length: 1", body=b"x") == 405
