"""Processes of a site on one host. Further ones, such as a scheduler or a mailer, belong here too."""

from __future__ import annotations

import sys

from django.conf import settings

from dxportal.operations.serving.supervisor import ChildProcess

HOST = "127.0.0.1"
MAX_CONNECTIONS = 20_000  # per worker; an idle connection costs a few kilobytes


def child_processes(workers: int, port: int) -> list[ChildProcess]:
    """Return the processes in starting order: the servers start first and stop last."""
    servers = [ChildProcess(f"worker {number}", server_command(port)) for number in range(1, workers + 1)]
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "make_files", "--follow"]
    file_maker = ChildProcess("file maker", command, {"STATEMENT_TIMEOUT": "0"})  # some statements take minutes
    return [*servers, file_maker] if settings.PAGE_MEMORY else servers


def server_command(port: int) -> list[str]:
    """Return the command of a granian server with one worker; several share the port. It ends when its worker ends."""
    options = ["--interface", "asginl", "--host", HOST, "--port", str(port), "--workers", "1", "--http", "1"]
    # By default a worker with 1,024 idle connections accepts no more.
    limits = ["--backpressure", str(MAX_CONNECTIONS), "--backlog", "2048", "--workers-kill-timeout", "8", "--no-log"]
    return [sys.executable, "-m", "granian", *options, *limits, "dxportal.asgi:application"]
