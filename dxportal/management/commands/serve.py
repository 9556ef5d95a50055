"""`make run`: everything from an empty checkout to a served site, with one sentence for what goes wrong."""

from __future__ import annotations

import os
import socket
import sys
from argparse import ArgumentParser
from pathlib import Path
from shutil import rmtree
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from catalog.models import Plan
from dxportal.revisions.advancing import follow
from dxportal.revisions.locks import own_catalogue
from dxportal.served_markers import mark_as_served, refuse_lost_database

HOST = "127.0.0.1"
THREADS = 12  # of each worker


class Command(BaseCommand):
    help = "データベースを整え、カタログが空なら計画を読み込み、サイトを動かします。"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workers", default=str(settings.WORKERS))
        parser.add_argument("--first", action="store_true", help="新しいサイトとして、空のデータベースに計画を読み込む")

    def handle(self, *args: Any, workers: str, first: bool, **options: Any) -> None:
        if workers not in map(str, range(1, 65)):
            raise CommandError(f"--workers {workers} は使えません。1〜64 の数にしてください。")
        check_port(settings.PORT)
        refuse_lost_database(is_first_start=first)
        call_command("migrate", verbosity=0, interactive=False)
        if not Plan.objects.exists():
            call_command("load_plan", shipped_plan(), stdout=self.stdout)
        mark_as_served()
        rebuild()
        call_command("collectstatic", verbosity=0, interactive=False)
        rmtree(settings.FILES_DIR, ignore_errors=True)  # another version of the programme may have made them
        self.stdout.write(f"http://{HOST}:{settings.PORT}/ で公開しています（止めるには Ctrl+C）。")
        if not get_user_model().objects.filter(is_superuser=True).exists():
            self.stdout.write("最初の管理者は、別の端末で make administrator とすると作れます。")
        self.stdout.flush()
        serve(workers)


def rebuild() -> None:
    """What is derived from the catalogue: another version of the programme may have derived it otherwise."""
    with transaction.atomic():
        own_catalogue()
        follow(None)


def shipped_plan() -> Path:
    """The plan folder of the environment variable PLAN, or the first in fixtures/."""
    folders = sorted(file.parent for file in (settings.BASE_DIR / "fixtures").glob("*/plan.yaml"))
    chosen = os.environ.get("PLAN") or next(iter(folders), None)
    if chosen is None:
        raise CommandError("fixtures/ に計画フォルダーがありません。PLAN=フォルダー で指定してください。")
    return Path(chosen)


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CommandError(
                f"ポート {port} は使えません（{error.strerror}）。別の番号で動かすには PORT=8123 make run とします。"
            ) from error


def serve(workers: str) -> None:
    """Become the application server; this process is replaced."""
    arguments = ["--interface", "wsgi", "--host", HOST, "--port", str(settings.PORT), "--workers", workers]
    # A thread may wait for the database or for a slow reader of a file while the others answer from memory. Each may
    # come to hold a connection to the database. More than these are in each other's way: 32 answer a third less.
    threads = ["--blocking-threads", str(THREADS), "--http", "1"]
    quiet = ["--no-log", "--respawn-failed-workers"]
    os.execv(  # noqa: S606  # no shell is wanted: the arguments are checked above
        sys.executable,
        [sys.executable, "-m", "granian", *arguments, *threads, *quiet, "dxportal.wsgi:application"],
    )
