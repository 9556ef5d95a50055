"""`manage.py prepare`: the preparation that `serve` does at start, for sites with several hosts or stepwise deploys."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from dxportal.operations.serving.preparation import prepare


class Command(BaseCommand):
    help = "データベースを整え、カタログが空なら計画を読み込み、静的ファイルを集めます。"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--first", action="store_true", help="新しいサイトとして、空のデータベースに計画を読み込む")

    def handle(self, *args: Any, first: bool, **options: Any) -> None:
        prepare(self.stdout, is_first_start=first)
