from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.models import Plan
from dxportal.planfiles.dumping import dump_catalogue


class Command(BaseCommand):
    help = "カタログを計画フォルダーに書き出します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="書き出す先のフォルダー")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            names = dump_catalogue(folder)
        except Plan.DoesNotExist as error:
            raise CommandError("公開中の計画がありません。書き出すものがありません。") from error
        except OSError as error:
            raise CommandError(f"{folder} に書けません（{error.strerror}）。場所と権限を確かめてください。") from error
        self.stdout.write(f"{folder} に書き出しました：{'、'.join(names)}")
