"""`make run`: prepares and serves the site from an empty checkout on; every failure is one sentence."""

from __future__ import annotations

import resource
import socket
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from dxportal.operations.serving.preparation import check_prepared, prepare
from dxportal.operations.serving.processes import HOST, child_processes
from dxportal.operations.serving.supervisor import Supervisor


class Command(BaseCommand):
    help = "データベースを整え、カタログが空なら計画を読み込み、サイトを動かします。"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workers", default=str(settings.WORKERS))
        parser.add_argument("--first", action="store_true", help="新しいサイトとして、空のデータベースに計画を読み込む")
        parser.add_argument("--no-prepare", action="store_true", help="整えるのは manage.py prepare に任せる")

    def handle(self, *args: Any, workers: str, first: bool, no_prepare: bool, **options: Any) -> None:
        if workers not in map(str, range(1, 65)):
            raise CommandError(f"--workers {workers} は使えません。1〜64 の数にしてください。")
        check_port(settings.PORT)
        if no_prepare:
            check_prepared()
        else:
            prepare(self.stdout, is_first_start=first)
        self.stdout.write(f"http://{HOST}:{settings.PORT}/ で公開しています（止めるには Ctrl+C）。")
        if not get_user_model().objects.filter(is_superuser=True).exists():
            self.stdout.write("最初の管理者は、別の端末で make administrator とすると作れます。")
        self.stdout.flush()
        connections.close_all()
        raise_open_file_limit()
        Supervisor(child_processes(int(workers), settings.PORT)).run()


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CommandError(
                f"ポート {port} は使えません（{error.strerror}）。別の番号で動かすには PORT=8123 make run とします。"
            ) from error


def raise_open_file_limit() -> None:
    """Raise the limit of open files to the host's maximum: each connection is one."""
    with suppress(ValueError, OSError):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
