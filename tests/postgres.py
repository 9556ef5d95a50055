"""A PostgreSQL server for one run of the tests: its own folder, its own port, gone afterwards.

Nothing of a server that may already run on the machine is used: tests must not depend on what it holds, nor on the
rights of whoever runs them.
"""

from __future__ import annotations

import os
import pwd
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ports import reserve_port

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # a power cut may lose these data; writing them to disk would take most of the time
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


def find_binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL server, on PATH or in Debian's place, or None."""
    on_path = shutil.which("initdb")
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *([Path(on_path).resolve().parent] if on_path else [])]
    servers = [
        folder for folder in folders if all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres"))
    ]
    return max(servers, key=server_version, default=None)


def server_version(folder: Path) -> tuple[int, ...]:
    output = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(number) for number in re.findall(r"\d+", output)[:2])


def unprivileged_user() -> pwd.struct_passwd | None:
    """Return the user to run the server as if the caller is root, which PostgreSQL refuses; otherwise None."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name: user for user in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


@contextmanager
def run_cluster() -> Iterator[str]:
    """Run a server until the block ends; yield the DATABASE_URL of its empty database."""
    folder = find_binaries()
    if folder is None:
        raise RuntimeError("PostgreSQL がありません。make system-packages で入ります。")
    user = unprivileged_user()
    port = reserve_port()
    with tempfile.TemporaryDirectory(prefix="dxportal-postgres-", ignore_cleanup_errors=True) as home:
        if user:
            os.chown(home, user.pw_uid, user.pw_gid)
        data, log = Path(home) / "data", Path(home) / "log"

        def run(program: str, *arguments: str | Path) -> None:
            done = subprocess.run(
                [folder / program, *arguments],
                cwd=home,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            if done.returncode:
                said = log.read_text() if log.exists() else ""
                raise RuntimeError(f"{program} が失敗しました。\n{done.stderr}{said}")

        settings = {**SETTINGS, "port": str(port), "unix_socket_directories": home}
        options = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in settings.items())
        run("initdb", "-D", data, "-U", "dxportal", "-E", "UTF8", "--locale=C", "--auth=trust", "--no-sync")
        try:
            run("pg_ctl", "-D", data, "-l", log, "-w", "-t", "60", "-o", options, "start")
            yield f"postgres://dxportal@127.0.0.1:{port}/postgres"
        finally:
            if (data / "postmaster.pid").exists():
                run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
